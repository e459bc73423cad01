//! The ring into which the handler copies, and from which a thread reads.
#![allow(unsafe_code)]

use std::{
    cell::UnsafeCell,
    sync::atomic::{
        AtomicBool, AtomicU8, AtomicU64, AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
    },
};

use super::{registers::Registers, sys};

/// So much of a stack is copied, from its top.
pub(super) const STACK: usize = 64 * 1024;
/// Samples that wait to be read.
pub(super) const SLOTS: usize = 64;

const FREE: u8 = 0;
const WRITING: u8 = 1;
const FULL: u8 = 2;

/// What a thread was doing.
pub(super) struct Sample {
    pub(super) thread: i32,
    pub(super) registers: Registers,
    /// How many bytes of `stack` are copied: less where the memory ends.
    pub(super) length: usize,
    pub(super) stack: [u8; STACK],
}

struct Slot {
    state: AtomicU8,
    sample: UnsafeCell<Sample>,
}

// SAFETY: who brings the state from FREE to WRITING has the sample until it is FULL; the one reader has it from then until it
// makes it FREE.
unsafe impl Sync for Slot {}

/// 4 MiB of zeros, which take no memory until the first profile.
static RING: [Slot; SLOTS] = [const {
    let sample = Sample { thread: 0, registers: Registers::ZERO, length: 0, stack: [0; STACK] };
    Slot { state: AtomicU8::new(FREE), sample: UnsafeCell::new(sample) }
}; SLOTS];
static NEXT: AtomicUsize = AtomicUsize::new(0);
static LOST: AtomicU64 = AtomicU64::new(0);
/// Whether signals are of a profile; a late one is not.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Takes samples in from now on. For one at a time, who is the reader until [`end`].
pub(super) fn begin() {
    // Of threads that answered when the end had come.
    drain(|_| {});
    LOST.store(0, Relaxed);
    IS_ON.store(true, Release);
}

/// Ends that. Tells how many samples found no place.
pub(super) fn end() -> u64 {
    IS_ON.store(false, Release);
    LOST.load(Relaxed)
}

/// Takes a sample of this thread, which a signal interrupted: no lock, no allocation, nothing that can panic.
pub(super) fn take(context: &libc::ucontext_t) {
    if !IS_ON.load(Acquire) {
        return;
    }
    let Some(slot) = RING.get(NEXT.fetch_add(1, Relaxed) % SLOTS) else { return };
    if slot.state.compare_exchange(FREE, WRITING, AcqRel, Relaxed).is_err() {
        LOST.fetch_add(1, Relaxed);
        return;
    }
    // SAFETY: the slot is WRITING, and we made it so.
    let sample = unsafe { &mut *slot.sample.get() };
    sample.thread = sys::thread_id();
    sample.registers = Registers::of(context);
    sample.length = sys::read_memory(sample.registers.stack as usize, &mut sample.stack);
    slot.state.store(FULL, Release);
}

/// How many samples wait.
pub(super) fn waiting() -> usize {
    RING.iter().filter(|slot| slot.state.load(Acquire) == FULL).count()
}

/// Hands over the samples that wait. For one thread at a time.
pub(super) fn drain(mut each: impl FnMut(&Sample)) {
    for slot in &RING {
        if slot.state.load(Acquire) == FULL {
            // SAFETY: the slot is FULL: no handler touches it until it is FREE, and nobody else reads.
            each(unsafe { &*slot.sample.get() });
            slot.state.store(FREE, Release);
        }
    }
}
