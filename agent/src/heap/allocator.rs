//! The wrapper around an allocator.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};

use super::recorder::{allocated, freed, is_sampled, keep};

/// How many bytes are allocated between two samples on average.
const DEFAULT_INTERVAL: u64 = 512 * 1024;

/// An allocator that lets another do the work, and samples what passes. See [the module](crate::heap).
#[derive(Debug)]
pub struct Sampling<A> {
    inner: A,
    interval: u64,
}

impl<A> Sampling<A> {
    /// Samples one allocation for every 512 KiB on average.
    pub const fn new(inner: A) -> Self {
        Self::every(DEFAULT_INTERVAL, inner)
    }

    /// Samples one allocation for every `interval` bytes on average; 1 takes every one. Less is more exact, and slower:
    /// a sample costs about a microsecond for each call on its stack.
    ///
    /// ```
    /// use std::alloc::System;
    /// use seaworthy_agent::heap::Sampling;
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: Sampling<System> = Sampling::every(64 * 1024, System);
    /// # fn main() {}
    /// ```
    pub const fn every(interval: u64, inner: A) -> Self {
        Self { inner, interval: if interval == 0 { 1 } else { interval } }
    }
}

// SAFETY: every call goes to the inner allocator unchanged, and what it returns comes back unchanged. What happens beside it
// neither allocates nor unwinds, and never touches the memory.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Sampling<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that the inner allocator asks for.
        let pointer = unsafe { self.inner.alloc(layout) };
        allocated(pointer, layout.size(), self.interval);
        pointer
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let pointer = unsafe { self.inner.alloc_zeroed(layout) };
        allocated(pointer, layout.size(), self.interval);
        pointer
    }

    #[inline]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // Before it is given back: from then on it may be another's.
        if is_sampled(pointer) {
            freed(pointer);
        }
        // SAFETY: as above.
        unsafe { self.inner.dealloc(pointer, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let sampled = if is_sampled(pointer) { freed(pointer) } else { None };
        // SAFETY: as above.
        let moved = unsafe { self.inner.realloc(pointer, layout, size) };
        if moved.is_null() {
            // The old one is still there.
            sampled.into_iter().for_each(|sampled| keep(pointer, sampled));
        }
        allocated(moved, size, self.interval);
        moved
    }
}
