//! The time that a page shows.

use jiff::{SignedDuration, Timestamp};
use seaworthy_telemetry::model::{UnixNanos, Window};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A length of time up to now, and how finely it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum Range {
    /// The last hour, by minute.
    #[default]
    #[serde(rename = "1h")]
    Hour,
    /// Six hours, by 5 minutes.
    #[serde(rename = "6h")]
    SixHours,
    /// A day, by 15 minutes.
    #[serde(rename = "24h")]
    Day,
    /// A week, by 2 hours.
    #[serde(rename = "7d")]
    Week,
    /// 30 days, by 8 hours.
    #[serde(rename = "30d")]
    Month,
}

impl Range {
    pub(crate) const ALL: [Self; 5] = [Self::Hour, Self::SixHours, Self::Day, Self::Week, Self::Month];

    /// As written in addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// As shown to people.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Hour => "1 h",
            Self::SixHours => "6 h",
            Self::Day => "24 h",
            Self::Week => "7 d",
            Self::Month => "30 d",
        }
    }

    pub(crate) const fn minutes(self) -> u32 {
        match self {
            Self::Hour => 60,
            Self::SixHours => 6 * 60,
            Self::Day => 24 * 60,
            Self::Week => 7 * 24 * 60,
            Self::Month => 30 * 24 * 60,
        }
    }

    /// Minutes that one point of a chart stands for.
    pub(crate) const fn step_minutes(self) -> u32 {
        match self {
            Self::Hour => 1,
            Self::SixHours => 5,
            Self::Day => 15,
            Self::Week => 120,
            Self::Month => 480,
        }
    }

    /// From a whole step to the end of the running minute.
    pub(crate) fn window(self, now: Timestamp) -> Window {
        let step = u64::from(self.step_minutes()) * MINUTE;
        let to = minute_end(now);
        let from = to.saturating_sub(u64::from(self.minutes()) * MINUTE);
        Window { from: from - from % step, to }
    }
}

/// Nanoseconds in a minute.
pub(crate) const MINUTE: UnixNanos = 60_000_000_000;

/// The last `minutes`, up to the end of the running minute.
pub(crate) fn last_minutes(now: Timestamp, minutes: u32) -> Window {
    let to = minute_end(now);
    Window { from: to.saturating_sub(u64::from(minutes) * MINUTE), to }
}

fn minute_end(now: Timestamp) -> UnixNanos {
    let now = nanos(now);
    now - now % MINUTE + MINUTE
}

/// Nanoseconds since the epoch; 0 for times before it.
pub(crate) fn nanos(at: Timestamp) -> UnixNanos {
    u64::try_from(at.as_nanosecond()).unwrap_or_default()
}

/// The time of so many nanoseconds since the epoch.
pub(crate) fn timestamp(at: UnixNanos) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(at)).unwrap_or(Timestamp::MAX)
}

/// Seconds between two times, never below 0.
pub(crate) fn seconds_since(earlier: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(earlier).max(SignedDuration::ZERO).as_secs()).unwrap_or_default()
}

/// Seconds of the window that have passed.
pub(crate) fn passed_seconds(window: Window, now: Timestamp) -> f64 {
    nanos(now).min(window.to).saturating_sub(window.from) as f64 / 1e9
}

/// Seconds of a step by which what was counted in it becomes a rate. None where it has only begun, unless it is the `first` that is
/// known: senders tell every so many seconds, of which nearly all may have been before it.
pub(crate) fn rate_seconds(step: Window, first: Option<UnixNanos>, now: Timestamp) -> Option<f64> {
    const ENOUGH: f64 = 120.0;
    const ENOUGH_OF_FIRST: f64 = 15.0;
    let (passed, whole) = (passed_seconds(step, now), (step.to - step.from) as f64 / 1e9);
    let is_first = first == Some(step.from) && passed >= ENOUGH_OF_FIRST;
    (passed >= whole.min(ENOUGH) || is_first).then_some(passed)
}

/// Seconds of the window from the first step that something is known of: what is younger than the window is judged by its
/// own time.
pub(crate) fn lived_seconds<'t>(
    mut steps: impl Iterator<Item = &'t UnixNanos>,
    window: Window,
    now: Timestamp,
) -> f64 {
    let from = steps.next().map_or(window.from, |began| window.from.max(*began));
    passed_seconds(Window { from, to: window.to }, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_a_rate_when_it_is_over_or_long_enough_or_the_first() {
        let now = Timestamp::from_second(600).unwrap();
        let of = |from: u64, minutes: u64, first| {
            let from = from * 1_000_000_000;
            rate_seconds(Window { from, to: from + minutes * MINUTE }, first, now)
        };
        assert_eq!(of(540, 1, None), Some(60.0));
        assert_eq!(of(570, 1, None), None);
        assert_eq!(of(570, 1, Some(570_000_000_000)), Some(30.0));
        assert_eq!(of(590, 1, Some(590_000_000_000)), None);
        assert_eq!(of(600, 1, Some(600_000_000_000)), None, "nothing of it has passed");
        assert_eq!(of(420, 5, None), Some(180.0));
        assert_eq!(of(500, 5, None), None);
    }
}
