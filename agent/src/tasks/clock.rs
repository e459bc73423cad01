//! Time as tasks keep it: one number that fits into an atomic.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Nanoseconds of a clock that only goes on. Never zero, so that zero can stand for never.
///
/// Read twice for each poll of each task: [`Instant`] takes longer to reckon with than to read.
#[cfg(target_os = "linux")]
pub(super) fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64).max(1)
}

/// Nanoseconds of a clock that only goes on. Never zero, so that zero can stand for never.
#[cfg(not(target_os = "linux"))]
pub(super) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    // There is a time before the first reading too.
    const DAY: u64 = 86_400_000_000_000;
    nanoseconds(START.get_or_init(Instant::now).elapsed()).saturating_add(DAY)
}

/// What the clock showed at a moment.
pub(super) fn at(moment: Instant) -> u64 {
    static KNOWN: OnceLock<(Instant, u64)> = OnceLock::new();
    let (then, shown) = *KNOWN.get_or_init(|| (Instant::now(), now()));
    let after = nanoseconds(moment.saturating_duration_since(then));
    let before = nanoseconds(then.saturating_duration_since(moment));
    shown.saturating_add(after).saturating_sub(before).max(1)
}

/// From `earlier` to `later`; nothing where another thread has moved on in between.
pub(super) fn between(earlier: u64, later: u64) -> Duration {
    Duration::from_nanos(later.saturating_sub(earlier))
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_as_the_clock_shows_it() {
        let (before, moment, after) = (now(), Instant::now(), now());
        // What may come between the readings on a busy machine.
        const APART: u64 = 5_000_000_000;
        assert!((before.saturating_sub(APART)..after + APART).contains(&at(moment)));
        let (earlier, later) = (moment - Duration::from_secs(1), moment + Duration::from_secs(1));
        assert_eq!((at(moment) - at(earlier), at(later) - at(moment)), (1_000_000_000, 1_000_000_000));
        assert_eq!(between(at(earlier), at(moment)), Duration::from_secs(1));
        assert_eq!(between(at(moment), at(earlier)), Duration::ZERO);
    }
}
