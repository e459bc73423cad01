//! Which allocations are sampled: a Poisson process over the bytes that each thread allocates.
//!
//! Source: tcmalloc, <https://github.com/google/tcmalloc/blob/master/docs/sampling.md>.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The golden ratio of 2^64: multiples of it are spread evenly.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

thread_local! {
    // Constant and without a destructor: reading it neither allocates nor fails, not even while the thread ends.
    static THREAD: Thread =
        const { Thread { left: Cell::new(0), random: Cell::new(0), is_busy: Cell::new(false) } };
}

struct Thread {
    /// Bytes until the next sample; 0 at first.
    left: Cell<u64>,
    /// State of the generator; 0 before it has one.
    random: Cell<u64>,
    is_busy: Cell<bool>,
}

/// For how many objects and bytes a sampled object stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Estimate {
    /// In thousandths.
    pub(super) objects: u64,
    pub(super) bytes: u64,
}

impl Estimate {
    /// Of one object of this size: the inverse of the chance it had.
    pub(super) fn of(size: usize, interval: u64) -> Self {
        let size = size.max(1) as f64;
        let stands_for = if interval <= 1 { 1.0 } else { 1.0 / -(-size / interval as f64).exp_m1() };
        Self { objects: (stands_for * 1_000.0).round() as u64, bytes: (stands_for * size).round() as u64 }
    }
}

/// Whether an allocation of this size is to be looked at. Almost never.
#[inline]
pub(super) fn may_be_due(size: usize) -> bool {
    THREAD.with(|thread| match thread.left.get().checked_sub(size as u64) {
        Some(left) if left > 0 => {
            thread.left.set(left);
            false
        }
        _ => true,
    })
}

/// Runs `sample` if the allocation that [`may_be_due`] is, unless this thread is in the midst of a sample.
pub(super) fn if_due(size: usize, interval: u64, sample: impl FnOnce()) {
    THREAD.with(|thread| {
        if thread.is_busy.replace(true) {
            return;
        }
        // A thread that had a gap has used it up. One that begins draws its first only now.
        let first = if thread.random.get() == 0 { gap(&thread.random, interval) } else { 0 };
        if first > size as u64 {
            thread.left.set(first - size as u64);
        } else {
            thread.left.set(gap(&thread.random, interval));
            sample();
        }
        thread.is_busy.set(false);
    });
}

/// Bytes until the next sample, by the exponential distribution.
fn gap(state: &Cell<u64>, interval: u64) -> u64 {
    if interval <= 1 {
        state.set(1);
        return 1;
    }
    let fraction = ((next(state) >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
    (-fraction.ln() * interval as f64) as u64 + 1
}

/// Marsaglia's xorshift64*, seeded anew in every thread.
fn next(state: &Cell<u64>) -> u64 {
    static THREADS: AtomicU64 = AtomicU64::new(1);
    let mut x = state.get();
    if x == 0 {
        // Where the system put this thread differs from run to run.
        let here = std::ptr::from_ref(state).addr() as u64;
        x = THREADS.fetch_add(1, Relaxed).wrapping_mul(GOLDEN) ^ here.rotate_left(32);
        x = (x ^ (x >> 31)).wrapping_mul(GOLDEN) | 1;
    }
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    state.set(x);
    x.wrapping_mul(0x2545_f491_4f6c_dd1d)
}
