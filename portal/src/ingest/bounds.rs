//! The time that telemetry may be of.

use jiff::Timestamp;
use seaworthy_telemetry::model::UnixNanos;

const HOUR: u64 = 3_600_000_000_000;

/// From what the store still keeps to an hour ahead: clocks differ, but a span of next year is a mistake, and would be
/// kept until then.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeBounds {
    earliest: UnixNanos,
    latest: UnixNanos,
}

impl TimeBounds {
    pub(super) fn new(now: Timestamp, retention_days: u32) -> Self {
        let now = u64::try_from(now.as_nanosecond()).unwrap_or_default();
        Self { earliest: now.saturating_sub(u64::from(retention_days) * 24 * HOUR), latest: now + HOUR }
    }

    pub(super) const fn allow(self, at: UnixNanos) -> bool {
        self.earliest <= at && at <= self.latest
    }

    /// Why a time is refused.
    pub(super) const REASON: &'static str =
        "its time is before what is kept or more than an hour ahead of the portal's clock";
}
