//! Moments and lengths of time in words.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A length of time to two or three digits, in the largest unit that it fills: `412 ms`, `1.5 s`, `10 min`, `24 h`, `90 d`.
pub(crate) fn length(length: SignedDuration) -> String {
    let seconds = length.as_secs_f64();
    let units = [(172_800.0, 86_400.0, "d"), (7_200.0, 3_600.0, "h"), (120.0, 60.0, "min"), (1.0, 1.0, "s")];
    for (from, unit, name) in units {
        if seconds.abs() >= from {
            return format!("{} {name}", super::figure::decimals(seconds / unit, 1));
        }
    }
    format!("{} ms", super::figure::decimals(seconds * 1_000.0, 1))
}

/// How long ago something was; what lies ahead by a clock that is fast has just been.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(then);
    if age < SignedDuration::from_secs(1) { "just now".to_owned() } else { format!("{} ago", length(age)) }
}

/// A day, in UTC: `2026-11-21`.
pub(crate) fn day(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).date().to_string()
}

/// A moment to the minute, in UTC: `2026-11-21 10:00 UTC`.
pub(super) fn minute(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}
