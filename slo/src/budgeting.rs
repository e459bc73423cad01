//! In what a budget is counted: events, or slices of time.

use crate::{Counts, Known, Objective, hour::sum};

/// How a budget is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budgeting {
    /// By events.
    Occurrences,
    /// By slices of time, each good or bad as a whole.
    Slices(Slices),
}

/// Slices of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slices {
    /// Minutes of a slice: a divisor of 60.
    pub minutes: u8,
    /// The share of a slice's events that must be good for the slice to be.
    pub target: Objective,
}

impl Slices {
    /// Slices in which something happened, and how many of them were good.
    pub(crate) fn counts(self, minutes: &[Known; 60]) -> Counts {
        let mut counts = Counts::default();
        for slice in minutes.chunks(usize::from(self.minutes.clamp(1, 60))) {
            let events = sum(slice);
            if events.total() > 0 {
                let good = u64::from(self.is_good(events));
                counts += Counts::new(good, 1).unwrap_or_default();
            }
        }
        counts
    }

    fn is_good(self, events: Counts) -> bool {
        let bad = u128::from(events.bad()) * u128::from(Objective::whole());
        bad <= u128::from(events.total()) * u128::from(self.target.budget_parts())
    }
}
