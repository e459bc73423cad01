//! When a budget will be gone.

use crate::{Budget, Exclusions, Ledger, Minute};

/// Paces that a forecast looks at: those of the last day and of the last six hours.
const PACES_MINUTES: [i64; 2] = [24 * 60, 6 * 60];

/// Between these minutes the budget is gone if it goes on as it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhaustion {
    /// At the faster of the paces of the last day and of the last six hours.
    pub earliest: Minute,
    /// At the slower of both; none where that one spends nothing.
    pub latest: Option<Minute>,
}

impl Exhaustion {
    /// When the budget will be gone; none where nothing is being spent, or nothing is left.
    ///
    /// What a rolling window gives back as it moves on is not counted on.
    pub fn of(ledger: &Ledger, budget: &Budget, now: Minute, exclusions: &Exclusions) -> Option<Self> {
        let left = budget.allowed - budget.spent as f64;
        if left <= 0.0 {
            return None;
        }
        let gone = |pace_minutes: i64| {
            let tally = ledger.tally(Minute(now.0 - pace_minutes)..now, exclusions);
            let covered = tally.covered_minutes;
            // What is known of a few minutes says nothing of a day.
            let enough = covered * 4 >= pace_minutes.unsigned_abs();
            (enough && tally.counts.bad() > 0).then(|| {
                let minutes = left / (tally.counts.bad() as f64 / covered as f64);
                Minute(now.0.saturating_add(minutes.min(1e9) as i64))
            })
        };
        let [day, hours] = PACES_MINUTES.map(gone);
        match (day, hours) {
            (Some(day), Some(hours)) => Some(Self { earliest: day.min(hours), latest: Some(day.max(hours)) }),
            (Some(one), None) | (None, Some(one)) => Some(Self { earliest: one, latest: None }),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budgeting, Counts};

    #[test]
    fn it_is_told_from_the_paces_of_a_day_and_of_six_hours() {
        let mut ledger = Ledger::new(Budgeting::Occurrences);
        let now = Minute(3 * 24 * 60);
        // 1 of 1,000 fails each minute of the last day, and 4 of them in its last six hours.
        for minute in 0..now.0 {
            let bad = match now.0 - minute {
                back if back <= 6 * 60 => 4,
                back if back <= 24 * 60 => 1,
                _ => 0,
            };
            ledger.record(Minute(minute), Counts::new(1_000 - bad, 1_000).unwrap());
        }
        let none = Exclusions::default();
        let budget = Budget::of(&ledger, Minute(0)..now, "99".parse().unwrap(), &none);
        // 43,200 may fail, 1,080 + 1,440 have.
        assert_eq!((budget.allowed, budget.spent), (43_200.0, 2_520));
        let found = Exhaustion::of(&ledger, &budget, now, &none).unwrap();
        assert_eq!(found.earliest, Minute(now.0 + 40_680 / 4));
        assert_eq!(found.latest, Some(Minute(now.0 + (40_680.0 / 1.75) as i64)));
    }

    #[test]
    fn nothing_is_told_where_nothing_is_spent_or_left() {
        let mut ledger = Ledger::new(Budgeting::Occurrences);
        let none = Exclusions::default();
        let window = Minute(0)..Minute(60);
        ledger.record(Minute(0), Counts::new(10, 10).unwrap());
        let objective = "50".parse().unwrap();
        let budget = Budget::of(&ledger, window.clone(), objective, &none);
        assert_eq!(Exhaustion::of(&ledger, &budget, Minute(60), &none), None);
        ledger.record(Minute(1), Counts::new(9, 10).unwrap());
        let budget = Budget::of(&ledger, window, objective, &none);
        assert_eq!(Exhaustion::of(&ledger, &budget, Minute(60), &none), None);
    }
}
