//! How many errors of a place were too many to be told of.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::budget::elapsed;

/// Milliseconds after which nobody would know any more when those were.
const TOO_OLD: u64 = 10 * 60 * 1_000;

/// How many errors of one kind were not told of, one after the other. Threads that come here at once may miss some of each other: it is what
/// there was at least.
#[derive(Debug)]
pub(super) struct Suppressed {
    count: AtomicU64,
    kind: AtomicU64,
    /// When the latest was.
    at: AtomicU64,
}

impl Suppressed {
    pub(super) const fn new() -> Self {
        Self { count: AtomicU64::new(0), kind: AtomicU64::new(0), at: AtomicU64::new(0) }
    }

    /// One more was not told of.
    pub(super) fn add(&self, kind: u64) {
        self.add_at(kind, elapsed());
    }

    /// How many there were of this kind before one that is.
    pub(super) fn take(&self, kind: u64) -> u64 {
        self.take_at(kind, elapsed())
    }

    fn add_at(&self, kind: u64, now: u64) {
        if self.kind.swap(kind, Relaxed) == kind {
            self.count.fetch_add(1, Relaxed);
        } else {
            self.count.store(1, Relaxed);
        }
        self.at.store(now, Relaxed);
    }

    fn take_at(&self, kind: u64, now: u64) -> u64 {
        let count = self.count.swap(0, Relaxed);
        let is_of_these = kind != 0 && self.kind.load(Relaxed) == kind;
        let is_recent = now.saturating_sub(self.at.load(Relaxed)) <= TOO_OLD;
        if is_of_these && is_recent { count } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_the_same_kind_are_counted_once_and_while_it_is_known_when() {
        let suppressed = Suppressed::new();
        (0..20).for_each(|now| suppressed.add_at(7, now));
        assert_eq!([suppressed.take_at(7, 30), suppressed.take_at(7, 31)], [20, 0]);
        suppressed.add_at(7, 40);
        suppressed.add_at(8, 41);
        assert_eq!(suppressed.take_at(7, 42), 0, "the latest were of another kind");
        suppressed.add_at(7, 50);
        assert_eq!(suppressed.take_at(7, 51 + TOO_OLD), 0);
        suppressed.add_at(0, 60);
        assert_eq!(suppressed.take_at(0, 61), 0, "nobody knows whether they were the same");
    }
}
