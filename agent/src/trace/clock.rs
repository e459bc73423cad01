//! Time of spans.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Reads the time for all spans of a process's part of a trace. The system's clock is read once, for the first of them;
/// from there a monotonic clock counts, so a clock that is set in between neither stretches nor turns a span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
    /// Nanoseconds since the Unix epoch at the origin.
    unix: u64,
}

impl Clock {
    /// A clock that starts now, which is `origin`, and the time it shows then.
    pub(crate) fn start(origin: Instant) -> (Self, u64) {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let unix = u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX);
        (Self { origin, unix }, unix)
    }

    /// Nanoseconds since the Unix epoch.
    pub(crate) fn now(self) -> u64 {
        self.at(Instant::now())
    }

    /// What it showed, or shows, at a moment.
    pub(crate) fn at(self, moment: Instant) -> u64 {
        let elapsed = moment.saturating_duration_since(self.origin).as_nanos();
        self.unix.saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// When it was started, by the monotonic clock.
    pub(crate) fn origin(self) -> Instant {
        self.origin
    }

    /// Nanoseconds from then to a time that it has shown.
    pub(crate) fn since_origin(self, at: u64) -> u64 {
        at.saturating_sub(self.unix)
    }
}
