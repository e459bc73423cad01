//! Tells threads apart, so that each can have a part of its own of what all share.

use std::{
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Which of so many shards is this thread's.
pub(crate) fn shard_of_this_thread(shards: usize) -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static MINE: Cell<Option<usize>> = const { Cell::new(None) });
    let number = MINE.with(|mine| {
        mine.get().unwrap_or_else(|| {
            let number = NEXT.fetch_add(1, Relaxed);
            mine.set(Some(number));
            number
        })
    });
    number % shards.max(1)
}
