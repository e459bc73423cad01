//! What an SLO would have told of the past.

use std::ops::Range;

use crate::{Budget, Exclusions, Ledger, Minute, Objective, Severity, Slo};

/// Objectives that people choose from, hardest first, in percent.
const USUAL: [&str; 13] =
    ["99.99", "99.95", "99.9", "99.8", "99.5", "99", "98", "97", "95", "90", "80", "70", "50"];
/// What a suggested objective would have left of its budget at least: room for the week that is worse.
const LEFT: f64 = 0.25;

/// What would have been, had an SLO been there.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// The budget of the time that was looked at.
    pub budget: Budget,
    /// How often a page would have fired.
    pub pages: u32,
    /// How often a ticket would have.
    pub tickets: u32,
    /// The hardest usual objective that would have left a quarter of its budget; none without events, or where none would.
    pub suggested: Option<Objective>,
}

impl Rehearsal {
    /// Goes through a time minute by minute. Takes time by minutes and rules: a month of minutes is a matter of a second.
    pub fn of(slo: &Slo, ledger: &Ledger, past: Range<Minute>, exclusions: &Exclusions) -> Self {
        let fired = |severity| fired(slo, ledger, &past, exclusions, severity);
        Self {
            budget: Budget::of(ledger, past.clone(), slo.objective, exclusions),
            pages: fired(Severity::Page),
            tickets: fired(Severity::Ticket),
            suggested: suggested(ledger, &past, exclusions),
        }
    }
}

/// How often any rule of a severity would have begun to fire.
fn fired(
    slo: &Slo,
    ledger: &Ledger,
    past: &Range<Minute>,
    exclusions: &Exclusions,
    severity: Severity,
) -> u32 {
    let rules: Vec<_> = slo.rules.iter().filter(|rule| rule.severity == severity).collect();
    let Some(longest) = rules.iter().map(|rule| i64::from(rule.long_minutes)).max() else { return 0 };
    let (mut times, mut fires) = (0, false);
    let mut end = past.start;
    while end < past.end {
        end = end.next();
        let tally = |minutes: u32| {
            let from = Minute(end.0 - i64::from(minutes)).max(past.start);
            ledger.tally(from..end, exclusions)
        };
        let before = fires;
        fires = rules.iter().any(|rule| {
            // The short one first: it is mostly quiet.
            let short = tally(rule.short_minutes);
            short.counts.bad() > 0
                && rule.fires(
                    &tally(rule.long_minutes),
                    &short,
                    slo.objective,
                    slo.period.minutes(),
                    slo.least_failures,
                )
        });
        times += u32::from(fires && !before);
        if !fires && ledger.tally(end..Minute(end.0 + longest).min(past.end), exclusions).counts.bad() == 0 {
            // Nothing can fire before something fails.
            end = Minute(end.0 + longest).min(past.end);
        }
    }
    times
}

fn suggested(ledger: &Ledger, past: &Range<Minute>, exclusions: &Exclusions) -> Option<Objective> {
    USUAL.iter().filter_map(|percent| percent.parse().ok()).find(|objective| {
        let left = Budget::of(ledger, past.clone(), *objective, exclusions).left();
        left.is_some_and(|left| left >= LEFT)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AlertSpec, Budgeting, BudgetingSpec, Counts, Scope, Sli, SloSpec, WindowSpec};

    const DAY: i64 = 24 * 60;

    fn slo() -> Slo {
        let spec = SloSpec {
            sli: Sli::Availability { scope: Scope::default(), bad_statuses: Vec::new() },
            objective_percent: 99.9,
            window: WindowSpec::Rolling { minutes: 30 * 24 * 60 },
            budgeting: BudgetingSpec::Occurrences,
            alerts: AlertSpec::recommended(),
            least_failures: 5,
            runbook: None,
        };
        spec.check().unwrap()
    }

    /// 1,000 events a minute for a week; `bad` of them failed in each minute of these ranges.
    fn week(bad: &[(Range<i64>, u64)]) -> Ledger {
        let mut ledger = Ledger::new(Budgeting::Occurrences);
        for minute in 0..7 * DAY {
            let failed = bad.iter().find(|(range, _)| range.contains(&minute)).map_or(0, |(_, bad)| *bad);
            ledger.record(Minute(minute), Counts::new(1_000 - failed, 1_000).unwrap());
        }
        ledger
    }

    fn rehearsal(bad: &[(Range<i64>, u64)]) -> Rehearsal {
        Rehearsal::of(&slo(), &week(bad), Minute(0)..Minute(7 * DAY), &Exclusions::default())
    }

    #[test]
    fn pages_are_counted_each_time_that_one_begins() {
        let quiet = rehearsal(&[]);
        assert_eq!((quiet.pages, quiet.tickets, quiet.budget.left()), (0, 0, Some(1.0)));
        assert_eq!(quiet.suggested.unwrap().to_string(), "99.99 %");
        // Two outages of 20 min, two days apart.
        let two = rehearsal(&[(DAY..DAY + 20, 1_000), (3 * DAY..3 * DAY + 20, 1_000)]);
        assert_eq!(two.pages, 2);
        assert!(two.tickets >= 1, "{two:?}");
        // 40,000 of 10,080,000 failed: 0.397 %, of which 99.5 % would have left 20.6 %, and 99 % 60.3 %.
        assert_eq!(two.suggested.unwrap().to_string(), "99 %");
    }

    #[test]
    fn without_events_there_is_nothing_to_suggest() {
        let empty = Ledger::new(Budgeting::Occurrences);
        let found = Rehearsal::of(&slo(), &empty, Minute(0)..Minute(DAY), &Exclusions::default());
        assert_eq!((found.suggested, found.pages), (None, 0));
    }
}
