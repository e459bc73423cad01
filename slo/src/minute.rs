//! Minutes, by which events are counted.

/// A minute, counted from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(pub i64);

impl Minute {
    /// The minute in which a time lies.
    pub fn of(at: jiff::Timestamp) -> Self {
        Self(at.as_second().div_euclid(60))
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// When it begins.
    pub fn begins(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0.saturating_mul(60)).unwrap_or(jiff::Timestamp::MAX)
    }
}
