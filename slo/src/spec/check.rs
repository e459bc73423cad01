//! What can be wrong with an SLO as people define it.

use super::{BudgetingSpec, Counter, Scope, Sli, SloSpec, WindowSpec};
use crate::{Budgeting, BurnRule, Objective, Period, Slices};

/// No browser takes longer addresses for sure.
const LONGEST_ADDRESS: usize = 2_000;
/// As many names are looked for as a person would write.
const MOST_NAMES: usize = 100;

/// An SLO that can be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// What is good.
    pub sli: Sli,
    /// How much of it must be.
    pub objective: Objective,
    /// Over which time.
    pub period: Period,
    /// How the budget is counted.
    pub budgeting: Budgeting,
    /// What alerts.
    pub rules: Vec<BurnRule>,
    /// Fewer failures are no alert.
    pub least_failures: u64,
    /// Where it says what to do when it alerts.
    pub runbook: Option<String>,
}

/// What is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The field, as a path: `window.minutes`, `alerts[0].budget_percent`.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

impl SloSpec {
    /// What this asks, if nothing is wrong with it. All mistakes are told at once.
    ///
    /// # Errors
    /// Every mistake with its field.
    pub fn check(&self) -> Result<Slo, Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        self.check_sli(&mut mistakes);
        let objective = mistakes.of("objective_percent", Objective::from_percent(self.objective_percent));
        let period = self.period(&mut mistakes);
        let budgeting = self.budgeting(&mut mistakes);
        let rules = self.rules(objective, period.as_ref(), &mut mistakes);
        self.check_runbook(&mut mistakes);
        match (objective, period, budgeting) {
            (Some(objective), Some(period), Some(budgeting)) if mistakes.0.is_empty() => Ok(Slo {
                sli: self.sli.clone(),
                objective,
                period,
                budgeting,
                rules,
                least_failures: self.least_failures,
                runbook: self.runbook.clone(),
            }),
            _ => Err(mistakes.0),
        }
    }

    fn check_sli(&self, mistakes: &mut Mistakes) {
        match &self.sli {
            Sli::Availability { scope, bad_statuses } => {
                scope.check(mistakes);
                for (index, (from, to)) in bad_statuses.iter().enumerate() {
                    mistakes.expect(
                        (100..=*to).contains(from) && *to <= 599,
                        format!("sli.bad_statuses[{index}]"),
                        || format!("{from} to {to} are no statuses; write for example 500 to 599"),
                    );
                }
            }
            Sli::Latency { scope, threshold_ms } => {
                scope.check(mistakes);
                mistakes.expect(
                    *threshold_ms > 0.0 && *threshold_ms <= 86_400_000.0,
                    "sli.threshold_ms",
                    || format!("{threshold_ms} ms is no threshold; it must be above 0 ms and at most a day"),
                );
            }
            Sli::Ratio { good, total } => check_counters("good", good, total, mistakes),
            Sli::Failures { bad, total } => check_counters("bad", bad, total, mistakes),
        }
    }

    fn check_runbook(&self, mistakes: &mut Mistakes) {
        let Some(runbook) = &self.runbook else { return };
        mistakes.expect(leads_somewhere(runbook), "runbook", || {
            "a runbook is an address such as https://wiki.example/orders, or a path of the portal such as /runbooks/7, \
             of at most 2,000 bytes and without blanks"
                .to_owned()
        });
    }

    fn period(&self, mistakes: &mut Mistakes) -> Option<Period> {
        match &self.window {
            WindowSpec::Rolling { minutes } => mistakes.of("window.minutes", Period::rolling(*minutes)),
            WindowSpec::Calendar { unit, zone } => {
                let found = jiff::tz::TimeZone::get(zone).map_err(|_| {
                    format!("there is no time zone {zone:?}; write for example Europe/Berlin or UTC")
                });
                mistakes.of("window.zone", found).map(|zone| Period::Calendar { unit: *unit, zone })
            }
        }
    }

    fn budgeting(&self, mistakes: &mut Mistakes) -> Option<Budgeting> {
        match &self.budgeting {
            BudgetingSpec::Occurrences => Some(Budgeting::Occurrences),
            BudgetingSpec::Slices { minutes, target_percent } => {
                let whole = (1..=60).contains(minutes) && 60 % minutes == 0;
                mistakes.expect(whole, "budgeting.minutes", || {
                    format!("{minutes} min do not divide an hour; 1, 5, 10 or 15 min do")
                });
                let target =
                    mistakes.of("budgeting.target_percent", Objective::from_percent(*target_percent))?;
                whole.then_some(Budgeting::Slices(Slices { minutes: *minutes, target }))
            }
        }
    }

    fn rules(
        &self,
        objective: Option<Objective>,
        period: Option<&Period>,
        mistakes: &mut Mistakes,
    ) -> Vec<BurnRule> {
        let mut rules = Vec::new();
        for (index, alert) in self.alerts.iter().enumerate() {
            let field = |name: &str| format!("alerts[{index}].{name}");
            mistakes.expect(
                alert.budget_percent > 0.0 && alert.budget_percent <= 100.0,
                field("budget_percent"),
                || format!("{} % of a budget cannot go; write for example 2 %", alert.budget_percent),
            );
            let ordered = 0 < alert.short_minutes && alert.short_minutes < alert.long_minutes;
            mistakes.expect(ordered, field("short_minutes"), || {
                "the short window must be shorter than the long one, and longer than nothing".to_owned()
            });
            let rule = BurnRule {
                budget_share_millionths: (alert.budget_percent * 10_000.0).round() as u32,
                long_minutes: alert.long_minutes,
                short_minutes: alert.short_minutes,
                severity: alert.severity,
            };
            if let (Some(objective), Some(period), true) = (objective, period, ordered) {
                let minutes = period.minutes();
                mistakes.expect(alert.long_minutes <= minutes, field("long_minutes"), || {
                    format!("{} min are longer than the SLO's window of {minutes} min", alert.long_minutes)
                });
                mistakes.of(field("budget_percent"), rule.check(objective, minutes));
            }
            rules.push(rule);
        }
        rules
    }
}

/// Whether a browser would take this for an address of the web, or of the portal itself. Two slashes, or one and a
/// backslash, would lead to another host.
fn leads_somewhere(address: &str) -> bool {
    let host = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme));
    let whole = address.len() <= LONGEST_ADDRESS
        && !address.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
    let path = address.starts_with('/') && !address.starts_with("//");
    whole && (path || host.is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '[')))
}

/// Two counters; `part` is the field of the first.
fn check_counters(part: &str, counter: &Counter, total: &Counter, mistakes: &mut Mistakes) {
    for (field, counter) in [(part, counter), ("total", total)] {
        mistakes.expect(!counter.metric.trim().is_empty(), format!("sli.{field}.metric"), || {
            "the name of a metric is needed, for example orders.accepted".to_owned()
        });
    }
    mistakes.expect(counter != total, format!("sli.{part}"), || match part {
        "good" => "good and total are the same counter, so nothing could ever fail".to_owned(),
        _ => "bad and total are the same counter, so nothing could ever be good".to_owned(),
    });
}

impl Scope {
    fn check(&self, mistakes: &mut Mistakes) {
        for (field, names) in [("sli.scope.routes", &self.routes), ("sli.scope.methods", &self.methods)] {
            mistakes.expect(names.len() <= MOST_NAMES, field, || {
                format!("{} are too many; at most {MOST_NAMES} can be named, and none means all", names.len())
            });
            mistakes.expect(names.iter().all(|name| !name.trim().is_empty()), field, || {
                "one of them is empty; leave it out".to_owned()
            });
        }
    }
}

#[derive(Default)]
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn expect(&mut self, right: bool, field: impl Into<String>, message: impl FnOnce() -> String) {
        if !right {
            self.0.push(Mistake { field: field.into(), message: message() });
        }
    }

    fn of<T, E: std::fmt::Display>(&mut self, field: impl Into<String>, checked: Result<T, E>) -> Option<T> {
        checked.map_err(|error| self.expect(false, field, || error.to_string())).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{AlertSpec, Calendar, Severity, spec::tests::spec};

    #[test]
    fn every_mistake_is_told_with_its_field() {
        let latency = |threshold_ms| Sli::Latency { scope: Scope::default(), threshold_ms };
        let counter = |metric: &str| Counter { metric: metric.into(), attributes: BTreeMap::new() };
        let alert = |budget_percent, long_minutes, short_minutes| AlertSpec {
            budget_percent,
            long_minutes,
            short_minutes,
            severity: Severity::Page,
        };
        let zone = |zone: &str| WindowSpec::Calendar { unit: Calendar::Month, zone: zone.into() };
        let slices = |minutes, target_percent| BudgetingSpec::Slices { minutes, target_percent };
        let cases: Vec<(SloSpec, &[(&str, &str)])> = vec![
            (SloSpec { objective_percent: 101.0, ..spec() }, &[("objective_percent", "101 %")]),
            (
                SloSpec { window: WindowSpec::Rolling { minutes: 0 }, ..spec() },
                &[("window.minutes", "0 min")],
            ),
            (SloSpec { window: zone("Europe/Atlantis"), ..spec() }, &[("window.zone", "Europe/Atlantis")]),
            (SloSpec { sli: latency(0.0), ..spec() }, &[("sli.threshold_ms", "0 ms")]),
            (SloSpec { sli: latency(f64::NAN), ..spec() }, &[("sli.threshold_ms", "NaN")]),
            (
                SloSpec { sli: Sli::Ratio { good: counter(" "), total: counter(" ") }, ..spec() },
                &[("sli.good.metric", "metric"), ("sli.total.metric", "metric"), ("sli.good", "same")],
            ),
            (
                SloSpec { sli: Sli::Failures { bad: counter("lost"), total: counter("lost") }, ..spec() },
                &[("sli.bad", "nothing could ever be good")],
            ),
            (SloSpec { budgeting: slices(7, 99.0), ..spec() }, &[("budgeting.minutes", "7 min")]),
            (
                SloSpec { budgeting: slices(0, 100.0), ..spec() },
                &[("budgeting.minutes", "0 min"), ("budgeting.target_percent", "100 %")],
            ),
            (SloSpec { alerts: vec![alert(0.0, 60, 5)], ..spec() }, &[("alerts[0].budget_percent", "0 %")]),
            (
                SloSpec { alerts: vec![alert(2.0, 60, 60)], ..spec() },
                &[("alerts[0].short_minutes", "shorter")],
            ),
            (
                SloSpec { objective_percent: 90.0, alerts: vec![alert(2.0, 60, 5)], ..spec() },
                &[("alerts[0].budget_percent", "93.0556 %")],
            ),
            (
                SloSpec {
                    window: WindowSpec::Rolling { minutes: 30 },
                    alerts: vec![alert(50.0, 60, 5)],
                    ..spec()
                },
                &[("alerts[0].long_minutes", "longer than the SLO's window")],
            ),
        ];
        for (spec, expected) in cases {
            let mistakes = spec.check().unwrap_err();
            let fields: Vec<&str> = mistakes.iter().map(|mistake| mistake.field.as_str()).collect();
            assert_eq!(fields, expected.iter().map(|(field, _)| *field).collect::<Vec<_>>(), "{mistakes:?}");
            for (mistake, (_, told)) in mistakes.iter().zip(expected) {
                assert!(mistake.message.contains(told), "{mistake:?}");
            }
        }
    }

    #[test]
    fn a_runbook_leads_to_a_page_and_nowhere_else() {
        for (runbook, right) in [
            ("https://wiki.example/orders", true),
            ("http://[::1]:8080/", true),
            ("/services/reception?range=1h", true),
            ("/runbooks/7", true),
            ("", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("javascript:alert(1)", false),
            ("https://", false),
            ("https:///orders", false),
            ("https://wiki.example/a b", false),
            ("https://wiki.example/\n", false),
            ("wiki.example", false),
        ] {
            let checked = SloSpec { runbook: Some(runbook.into()), ..spec() }.check();
            assert_eq!(checked.is_ok(), right, "{runbook:?}");
            let fields = checked.map_err(|found| found.into_iter().map(|one| one.field).collect::<Vec<_>>());
            assert!(right || fields == Err(vec!["runbook".to_owned()]), "{runbook:?}");
        }
        let long = format!("https://wiki.example/{}", "a".repeat(2_000));
        assert!(SloSpec { runbook: Some(long), ..spec() }.check().is_err());
        assert!(SloSpec { runbook: None, ..spec() }.check().is_ok());
    }
}
