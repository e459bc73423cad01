//! The tables of this process, and what the allocator tells them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{
    capture::{MAX_FRAMES, stack},
    chance::{Estimate, if_due, may_be_due},
    live::{Live, Sampled},
    stacks::Stacks,
};

/// A process has one global allocator. Zeros: they take no memory until they are used.
pub(super) static STACKS: Stacks<8_192> = Stacks::new();
static LIVE: Live<65_536> = Live::new();
/// Bytes between samples; 0 when no allocation was ever seen.
pub(super) static INTERVAL: AtomicU64 = AtomicU64::new(0);
/// Sampled objects that found no place in the table of those in use.
pub(super) static UNTRACKED: AtomicU64 = AtomicU64::new(0);

/// An allocation succeeded, unless `pointer` is null.
#[inline]
pub(super) fn allocated(pointer: *mut u8, size: usize, interval: u64) {
    if may_be_due(size) {
        look_at(pointer.addr(), size, interval);
    }
}

/// Whether [`freed`] is worth calling.
#[inline]
pub(super) fn is_sampled(pointer: *mut u8) -> bool {
    LIVE.may_have(pointer.addr())
}

/// An object is about to be freed. Tells what was known of it.
#[cold]
pub(super) fn freed(pointer: *mut u8) -> Option<Sampled> {
    let sampled = LIVE.remove(pointer.addr())?;
    STACKS.freed(sampled.stack, sampled.estimate);
    Some(sampled)
}

/// An object was not freed after all.
#[cold]
pub(super) fn keep(pointer: *mut u8, sampled: Sampled) {
    STACKS.allocated(sampled.stack, sampled.estimate);
    track(pointer.addr(), sampled);
}

#[cold]
#[inline(never)]
fn look_at(pointer: usize, size: usize, interval: u64) {
    if pointer == 0 {
        return;
    }
    INTERVAL.store(interval, Relaxed);
    if_due(size, interval, || {
        let mut frames = [0; MAX_FRAMES];
        let length = stack(&mut frames);
        let number = STACKS.number(frames.get(..length).unwrap_or_default());
        let sampled = Sampled { stack: number, estimate: Estimate::of(size, interval) };
        STACKS.allocated(number, sampled.estimate);
        track(pointer, sampled);
    });
}

fn track(pointer: usize, sampled: Sampled) {
    if !LIVE.insert(pointer, sampled) {
        // Nobody will hear when it is freed: better not in use than in use for ever.
        STACKS.freed(sampled.stack, sampled.estimate);
        UNTRACKED.fetch_add(1, Relaxed);
    }
}
