//! What may fail, and what of it is left.

use std::ops::Range;

use crate::{Budgeting, Counts, Exclusions, Ledger, Minute, Objective, Tally};

/// An error budget over a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// What is known of the window.
    pub tally: Tally,
    /// How much may fail: of the events so far, or of the slices that the whole window has.
    pub allowed: f64,
    /// How much has failed.
    pub spent: u64,
    /// Minutes of the window that count.
    pub minutes: u64,
}

impl Budget {
    /// The budget of a window.
    pub fn of(ledger: &Ledger, window: Range<Minute>, objective: Objective, exclusions: &Exclusions) -> Self {
        let whole = (window.end.0 - window.start.0).max(0).unsigned_abs();
        let minutes = whole - exclusions.minutes_within(&window);
        let tally = ledger.tally(window, exclusions);
        let allowed = match ledger.budgeting() {
            Budgeting::Occurrences => objective.allowed(tally.counts.total()),
            // Slices are so many, whatever happens in them.
            Budgeting::Slices(slices) => objective.allowed(minutes) / f64::from(slices.minutes.max(1)),
        };
        Self { tally, allowed, spent: tally.counts.bad(), minutes }
    }

    /// The share of the budget that is left: 1 of all, 0 of a spent one, below 0 of an overspent one. None without events.
    pub fn left(&self) -> Option<f64> {
        (self.tally.counts.total() > 0 && self.allowed > 0.0).then(|| 1.0 - self.spent as f64 / self.allowed)
    }

    /// The share of the window's minutes that were told of.
    pub fn coverage(&self) -> f64 {
        if self.minutes == 0 { 0.0 } else { self.tally.covered_minutes as f64 / self.minutes as f64 }
    }

    /// The counts that the budget is of.
    pub fn counts(&self) -> Counts {
        self.tally.counts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Calendar, Period, Slices};

    fn objective(text: &str) -> Objective {
        text.parse().unwrap()
    }

    fn slices(minutes: u8) -> Ledger {
        Ledger::new(Budgeting::Slices(Slices { minutes, target: objective("99") }))
    }

    #[test]
    fn openslo_windows_by_slices() {
        let none = Exclusions::default();
        // Two weeks at 95 % with slices of a minute.
        let two_weeks = Minute(0)..Minute(14 * 24 * 60);
        assert_eq!(Budget::of(&slices(1), two_weeks, objective("95"), &none).allowed, 1_008.0);
        // A week at 99.95 % allows 5 min 2.4 s.
        let week = Minute(0)..Minute(7 * 24 * 60);
        let minutes = Budget::of(&slices(1), week, objective("99.95"), &none).allowed;
        assert!((minutes * 60.0 - 302.4).abs() < 1e-9, "{minutes}");
    }

    #[test]
    fn a_week_in_which_clocks_change_has_a_budget_of_its_own() {
        let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
        let week = Period::Calendar { unit: Calendar::Week, zone };
        for (now, allowed) in [("2026-03-25T12:00:00Z", 100.2), ("2026-10-21T12:00:00Z", 101.4)] {
            let range = week.range(now.parse().unwrap());
            let budget = Budget::of(&slices(1), range, objective("99"), &Exclusions::default());
            assert!((budget.allowed - allowed).abs() < 1e-9, "{now}: {}", budget.allowed);
        }
    }

    #[test]
    fn the_arithmetic_in_words() {
        let mut ledger = Ledger::new(Budgeting::Occurrences);
        ledger.record(Minute(7), Counts::new(1_999_583, 2_000_000).unwrap());
        let month = Minute(0)..Minute(30 * 24 * 60);
        let budget = Budget::of(&ledger, month, objective("99.9"), &Exclusions::default());
        assert_eq!((budget.allowed, budget.spent), (2_000.0, 417));
        assert!((budget.left().unwrap() - 0.7915).abs() < 1e-9);
        assert!(budget.coverage() < 0.001);
    }

    #[test]
    fn without_events_there_is_no_verdict() {
        let mut ledger = Ledger::new(Budgeting::Occurrences);
        ledger.record(Minute(0), Counts::default());
        let budget = Budget::of(&ledger, Minute(0)..Minute(1), objective("99.9"), &Exclusions::default());
        assert_eq!((budget.left(), budget.coverage()), (None, 1.0));
    }

    proptest! {
        #[test]
        fn what_is_spent_never_comes_back_inside_a_window(
            minutes in proptest::collection::vec((0_u64..100, 0_u64..100), 1..120)
        ) {
            let mut ledger = Ledger::new(Budgeting::Occurrences);
            let window = Minute(0)..Minute(120);
            let mut before = 0;
            for (index, (good, bad)) in minutes.into_iter().enumerate() {
                ledger.record(Minute(index as i64), Counts::new(good, good + bad).unwrap());
                let spent = Budget::of(&ledger, window.clone(), objective("99.9"), &Exclusions::default()).spent;
                prop_assert!(spent >= before);
                before = spent;
            }
        }
    }
}
