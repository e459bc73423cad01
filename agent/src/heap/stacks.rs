//! What was allocated and freed, by stack.

use std::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

use super::{capture::MAX_FRAMES, chance::Estimate};

/// A stack is in one of so many places from its own on.
const WINDOW: usize = 64;

/// A table of `N` stacks, a power of two, and one more place for all that found none. Stacks stay for ever; no lock.
pub(super) struct Stacks<const N: usize> {
    entries: [Entry; N],
    /// Its number is `N`.
    beyond: Entry,
}

struct Entry {
    /// Hash of the frames; 0 in a free place.
    hash: AtomicU64,
    /// Number of frames and one; 0 until they are written.
    written: AtomicUsize,
    frames: [AtomicUsize; MAX_FRAMES],
    allocated: Total,
    freed: Total,
}

struct Total {
    objects: AtomicU64,
    bytes: AtomicU64,
}

/// What was allocated and freed at one stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) allocated: Estimate,
    pub(super) freed: Estimate,
}

impl<const N: usize> Stacks<N> {
    pub(super) const fn new() -> Self {
        Self { entries: [const { Entry::new() }; N], beyond: Entry::new() }
    }

    /// The number of a stack, at most `N`.
    pub(super) fn number(&self, frames: &[usize]) -> usize {
        let hash = hash(frames);
        let own = (hash >> (64 - N.ilog2())) as usize;
        let mut places = (own..own + WINDOW).map(|number| number % N);
        places.find(|number| self.entries[*number].takes(hash, frames)).unwrap_or(N)
    }

    pub(super) fn allocated(&self, number: usize, estimate: Estimate) {
        self.entry(number).allocated.add(estimate);
    }

    pub(super) fn freed(&self, number: usize, estimate: Estimate) {
        self.entry(number).freed.add(estimate);
    }

    /// The totals of every stack by its number.
    pub(super) fn totals(&self) -> Vec<Totals> {
        (0..=N).map(|number| self.entry(number).totals()).collect()
    }

    /// Empty for that of those beyond the table, and for one whose writing never ended, as in the child of a fork.
    pub(super) fn frames(&self, number: usize) -> Vec<usize> {
        let entry = self.entry(number);
        let length = entry.written.load(Acquire).saturating_sub(1);
        entry.frames.iter().take(length).map(|frame| frame.load(Relaxed)).collect()
    }

    fn entry(&self, number: usize) -> &Entry {
        self.entries.get(number).unwrap_or(&self.beyond)
    }
}

impl Entry {
    const fn new() -> Self {
        Self {
            hash: AtomicU64::new(0),
            written: AtomicUsize::new(0),
            frames: [const { AtomicUsize::new(0) }; MAX_FRAMES],
            allocated: Total::new(),
            freed: Total::new(),
        }
    }

    /// Whether this is the place of the stack, or has just become it.
    fn takes(&self, hash: u64, frames: &[usize]) -> bool {
        match self.hash.load(Relaxed) {
            0 => {}
            other => return other == hash,
        }
        match self.hash.compare_exchange(0, hash, Relaxed, Relaxed) {
            Err(other) => other == hash,
            Ok(_) => {
                for (slot, frame) in self.frames.iter().zip(frames) {
                    slot.store(*frame, Relaxed);
                }
                self.written.store(frames.len() + 1, Release);
                true
            }
        }
    }

    fn totals(&self) -> Totals {
        // In this order, so that never more seems freed than allocated.
        let freed = self.freed.now();
        Totals { allocated: self.allocated.now(), freed }
    }
}

impl Total {
    const fn new() -> Self {
        Self { objects: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    fn add(&self, estimate: Estimate) {
        self.objects.fetch_add(estimate.objects, Release);
        self.bytes.fetch_add(estimate.bytes, Release);
    }

    fn now(&self) -> Estimate {
        Estimate { objects: self.objects.load(Acquire), bytes: self.bytes.load(Acquire) }
    }
}

/// FNV-1a by words, mixed at the end; never 0.
fn hash(frames: &[usize]) -> u64 {
    let mixed = frames.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, frame| {
        (hash ^ *frame as u64).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
    });
    (mixed ^ (mixed >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1
}
