//! How often one thing may be told of.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

/// At once.
const BURST: u64 = 10;
/// One more after so many milliseconds.
const INTERVAL: u64 = 6_000;

/// Milliseconds of a clock that only goes on.
pub(super) fn elapsed() -> u64 {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGIN.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A token bucket of 10 that fills by 10 a minute, as the generic cell rate algorithm has it: all of it in one number.
#[derive(Debug)]
pub(super) struct Budget(AtomicU64);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Takes one, if there is one.
    pub(super) fn take(&self) -> bool {
        self.take_at(elapsed())
    }

    fn take_at(&self, now: u64) -> bool {
        // The time at which the bucket will be full again.
        let next = |full_at: u64| {
            let full_at = full_at.max(now);
            (full_at - now <= (BURST - 1) * INTERVAL).then(|| full_at + INTERVAL)
        };
        self.0.fetch_update(Relaxed, Relaxed, next).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_at_once_and_ten_a_minute() {
        let budget = Budget::new();
        let taken = |at: u64| (0..100).filter(|_| budget.take_at(at * 1_000)).count();
        assert_eq!(taken(0), 10);
        assert_eq!(taken(5), 0);
        assert_eq!(taken(6), 1);
        assert_eq!(taken(18), 2);
        assert_eq!(taken(3_600), 10, "no more is saved up than there is room for");
    }
}
