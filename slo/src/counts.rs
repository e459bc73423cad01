//! Events.

use std::ops::{Add, AddAssign};

/// Events of some time: how many there were and how many of them were good. Adds up in any order and grouping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    bad: u64,
    total: u64,
}

/// More events were good than there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{good} of {total} events cannot be good")]
pub struct TooManyGood {
    /// Events said to be good.
    pub good: u64,
    /// Events said to have been.
    pub total: u64,
}

impl Counts {
    /// `good` of `total` events.
    ///
    /// # Errors
    /// When more are good than there are.
    pub fn new(good: u64, total: u64) -> Result<Self, TooManyGood> {
        if good <= total { Ok(Self { bad: total - good, total }) } else { Err(TooManyGood { good, total }) }
    }

    /// Events that were good.
    pub const fn good(self) -> u64 {
        self.total - self.bad
    }

    /// Events.
    pub const fn total(self) -> u64 {
        self.total
    }

    /// Events that were not good.
    pub const fn bad(self) -> u64 {
        self.bad
    }

    /// The share that was good; none without events: 0 of 0 is no verdict.
    pub fn sli(self) -> Option<f64> {
        (self.total > 0).then(|| self.good() as f64 / self.total as f64)
    }
}

impl Add for Counts {
    type Output = Self;

    /// Ends at the largest number that there is; bad ones are never lost for it.
    fn add(self, other: Self) -> Self {
        Self { bad: self.bad.saturating_add(other.bad), total: self.total.saturating_add(other.total) }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
