//! What the heap is made of: which code allocated what is in use, and what was allocated at all.
//!
//! A service takes part by wrapping its allocator, whichever that is:
//!
//! ```
//! use std::alloc::System;
//! use seaworthy_agent::heap::Sampling;
//!
//! #[global_allocator]
//! static ALLOCATOR: Sampling<System> = Sampling::new(System);
//! # fn main() { drop(vec![1, 2, 3]) }
//! ```
//!
//! `/debug/pprof/heap` then answers with a profile that `go tool pprof` reads. One allocation is looked at for every 512 KiB
//! on average, each byte with the same chance, and stands for those that were not; the values of a profile are such estimates.
//! What C libraries allocate by themselves does not pass here.
//!
//! A service with jemalloc may let that sample instead: with the feature `jemalloc`, the allocator `tikv_jemallocator` with its
//! feature `profiling`, and `prof:true` in `_RJEM_MALLOC_CONF`, its profile is what is answered.
//!
//! The wrapper never allocates, takes no lock, and keeps no more than fixed tables (7 MiB of address space, of which memory
//! is used as they fill): 65,536 sampled objects in use, 32 GiB at the default interval, and 8,192 different stacks of up
//! to 64 calls. What they do not hold is counted, and told as a comment of the profile.

mod allocator;
mod capture;
mod chance;
#[cfg(all(feature = "jemalloc", unix))]
mod jemalloc;
mod live;
mod profile;
mod recorder;
mod source;
mod stacks;
#[cfg(test)]
mod tests;

pub use self::allocator::Sampling;
pub(crate) use self::capture::stack;
pub(crate) use self::source::{Snapshot, is_installed, profile};
