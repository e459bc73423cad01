//! Times, in the zone of whoever looks, with UTC on hover.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use leptos::prelude::*;

use super::{Preferences, format};

/// `Fri 20 Nov 2026, 14:32:07 CET`.
pub(crate) fn moment(at: Timestamp) -> impl IntoView {
    shown(at, told(at, "%a %-d %b %Y, %H:%M:%S %Z"))
}

/// `14:32:07 CET`, for times of today.
pub(crate) fn clock(at: Timestamp) -> impl IntoView {
    shown(at, told(at, "%H:%M:%S %Z"))
}

/// `20 Nov, 14:32 CET`, for what is told by the minute.
pub(crate) fn minute(at: Timestamp) -> impl IntoView {
    shown(at, told(at, "%-d %b, %H:%M %Z"))
}

/// `20 Nov 2026`, for what lies months ahead or behind.
pub(crate) fn day(at: Timestamp) -> impl IntoView {
    shown(at, told(at, "%-d %b %Y"))
}

/// `20 Nov, 14:32:07.048 CET`, for what happens many times a second.
pub(crate) fn instant(at: Timestamp) -> impl IntoView {
    shown(at, told(at, "%-d %b, %H:%M:%S%.3f %Z"))
}

/// `14:32:07.048`, for what happens many times a second, beside others of that day.
pub(crate) fn instant_of_day(at: Timestamp) -> impl IntoView {
    shown(at, told(at, "%H:%M:%S%.3f"))
}

/// `6 min ago`.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> impl IntoView {
    let seconds = now.duration_since(at).as_secs();
    shown(at, format::ago(u64::try_from(seconds).unwrap_or_default()))
}

/// A time in the zone of whoever looks, by a pattern of `strftime`.
pub(crate) fn told(at: Timestamp, pattern: &str) -> String {
    at.to_zoned(zone()).strftime(pattern).to_string()
}

/// The zone of whoever looks at the page that is being rendered.
pub(crate) fn zone() -> TimeZone {
    use_context::<Preferences>().unwrap_or_default().zone
}

/// As a field of kind `datetime-local` holds it: `2026-11-20T14:32`.
pub(crate) fn typed(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// What such a field holds; none where it is no time.
pub(crate) fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let at: DateTime = text.trim().parse().ok()?;
    Some(at.to_zoned(zone.clone()).ok()?.timestamp())
}

fn shown(at: Timestamp, text: String) -> impl IntoView {
    let utc = at.strftime("%Y-%m-%d %H:%M:%S%.3f UTC").to_string();
    view! { <time datetime=at.to_string() title=utc>{text}</time> }
}
