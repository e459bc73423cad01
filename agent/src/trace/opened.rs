//! Whether any span is being recorded.

use std::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::threads::shard_of_this_thread;

/// Threads beyond so many share a counter; every span that is not recorded reads them all.
const SHARDS: usize = 4;

/// Counts the spans that are recorded, so that those that are not need no looking up when they end.
#[derive(Debug, Default)]
pub(super) struct Opened([Shard; SHARDS]);

// On its own cache line, so that threads do not slow each other down.
#[repr(align(64))]
#[derive(Debug, Default)]
struct Shard {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Opened {
    /// A span begins. To be called before anybody else can know it.
    pub(super) fn begin(&self) {
        self.shard().begun.fetch_add(1, Relaxed);
    }

    /// A span has ended, on whatever thread.
    pub(super) fn end(&self) {
        // Who sees that it has ended sees as well that it has begun.
        self.shard().ended.fetch_add(1, Release);
    }

    /// Whether there may be one that has begun and not ended. It never says no while the caller knows of one: whatever others do
    /// meanwhile, their ends are read before their beginnings.
    pub(super) fn any(&self) -> bool {
        let ended = self.sum(|shard| shard.ended.load(Acquire));
        self.sum(|shard| shard.begun.load(Relaxed)) != ended
    }

    fn sum(&self, of: impl Fn(&Shard) -> usize) -> usize {
        self.0.iter().map(of).fold(0, usize::wrapping_add)
    }

    fn shard(&self) -> &Shard {
        &self.0[shard_of_this_thread(SHARDS)]
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn one_that_is_known_is_never_overlooked() {
        let opened = Opened::default();
        assert!(!opened.any());
        thread::scope(|scope| {
            for _ in 0..2 {
                // Short ones come and go, and end where others begin.
                scope.spawn(|| {
                    for _ in 0..100 {
                        opened.begin();
                        thread::scope(|inner| drop(inner.spawn(|| opened.end())));
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..100_000 {
                    opened.begin();
                    assert!(opened.any());
                    opened.end();
                }
            });
        });
        assert!(!opened.any());
    }
}
