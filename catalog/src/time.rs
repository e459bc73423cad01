//! Times as the catalog's columns hold them: milliseconds since the Unix epoch.

use jiff::Timestamp;

/// The column's form. What is finer than a millisecond is dropped.
pub(crate) fn to_column(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// The time in a column. A value beyond the calendar, which nobody writes, becomes the nearest end of it.
pub(crate) fn from_column(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(if milliseconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
