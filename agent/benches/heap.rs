//! What an allocation costs through the sampling wrapper, and without it.
//!
//! `cargo bench -p seaworthy-agent --bench heap`. Each is of memory that is freed again at once; one allocation for every 512 KiB
//! is looked at, stack and all, and that is in the figures.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]
#![expect(unsafe_code, reason = "an allocator is called as the language calls it")]

mod common;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
};

use seaworthy_agent::heap::Sampling;

use self::common::Figures;

static SAMPLING: Sampling<System> = Sampling::new(System);

const ALLOCATIONS: u32 = 2_000_000;

fn main() {
    common::contest(&[("sampling", || all(&SAMPLING)), ("the system's", || all(&System))]);
}

fn all(allocator: &impl GlobalAlloc) -> Figures {
    vec![
        ("16 bytes", each(allocator, 16)),
        ("128 bytes", each(allocator, 128)),
        ("1 KiB", each(allocator, 1 << 10)),
        ("16 KiB", each(allocator, 16 << 10)),
    ]
}

/// Nanoseconds of one, made and freed.
fn each(allocator: &impl GlobalAlloc, bytes: usize) -> f64 {
    let layout = Layout::from_size_align(bytes, 8).unwrap();
    let round = || {
        for _ in 0..ALLOCATIONS {
            // SAFETY: the layout is not of size zero, and what is freed was allocated by the same with the same.
            unsafe { allocator.dealloc(black_box(allocator.alloc(black_box(layout))), layout) };
        }
    };
    common::quickest(round) / f64::from(ALLOCATIONS)
}
