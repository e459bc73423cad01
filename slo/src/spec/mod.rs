//! An SLO as people define it.

mod check;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::check::{Mistake, Slo};
use crate::{BurnRule, Calendar};

/// What an SLO asks of a service. Kept as JSON in the catalog.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SloSpec {
    /// What is good.
    pub sli: Sli,
    /// How much of it must be, in percent: `99.9`.
    pub objective_percent: f64,
    /// Over which time.
    pub window: WindowSpec,
    /// How the budget is counted.
    #[serde(default)]
    pub budgeting: BudgetingSpec,
    /// What alerts when the budget burns too fast; none for no alerts.
    #[serde(default)]
    pub alerts: Vec<AlertSpec>,
    /// Fewer failures than this in an alert's long window are no alert.
    #[serde(default = "five")]
    pub least_failures: u64,
    /// What to do when it alerts: an `https` or `http` URL, or a path of the portal that begins with `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
}

fn five() -> u64 {
    5
}

/// What is good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Sli {
    /// Requests that did not fail.
    Availability {
        /// Which requests.
        #[serde(default)]
        scope: Scope,
        /// Statuses that are failures, from and to; none for 500 to 599. A request without any answer always is one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        bad_statuses: Vec<(u16, u16)>,
    },
    /// Requests that did not take longer than a threshold.
    Latency {
        /// Which requests.
        #[serde(default)]
        scope: Scope,
        /// The longest good duration.
        threshold_ms: f64,
    },
    /// Any two counters.
    Ratio {
        /// Counts what was good.
        good: Counter,
        /// Counts everything.
        total: Counter,
    },
    /// Any two counters, of which the first counts what failed.
    Failures {
        /// Counts what was bad.
        bad: Counter,
        /// Counts everything.
        total: Counter,
    },
}

/// Which requests count: those of all these routes and methods, or of any where nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// `http.route`: `/orders/{id}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<String>,
    /// `http.request.method`: `POST`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
}

/// The series of a counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counter {
    /// Its name.
    pub metric: String,
    /// Attributes that its series must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// Over which time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum WindowSpec {
    /// The last so many minutes.
    Rolling {
        /// Minutes.
        minutes: u32,
    },
    /// A unit of the calendar.
    Calendar {
        /// The unit.
        unit: Calendar,
        /// The IANA name of the zone: `Europe/Berlin`.
        zone: String,
    },
}

/// How the budget is counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BudgetingSpec {
    /// By events.
    #[default]
    Occurrences,
    /// By slices of time.
    Slices {
        /// Minutes of a slice: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60.
        minutes: u8,
        /// Percent of a slice's events that must be good.
        target_percent: f64,
    },
}

/// A burn-rate alert.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertSpec {
    /// Fires when this many percent of the budget go within the long window.
    pub budget_percent: f64,
    /// Minutes of the long window.
    pub long_minutes: u32,
    /// Minutes of the short window.
    pub short_minutes: u32,
    /// What it is.
    pub severity: crate::Severity,
}

impl AlertSpec {
    /// What the SRE Workbook recommends.
    pub fn recommended() -> Vec<Self> {
        let of = |rule: BurnRule| Self {
            budget_percent: f64::from(rule.budget_share_millionths) / 10_000.0,
            long_minutes: rule.long_minutes,
            short_minutes: rule.short_minutes,
            severity: rule.severity,
        };
        BurnRule::RECOMMENDED.map(of).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn spec() -> SloSpec {
        SloSpec {
            sli: Sli::Availability { scope: Scope::default(), bad_statuses: vec![] },
            objective_percent: 99.9,
            window: WindowSpec::Rolling { minutes: 30 * 24 * 60 },
            budgeting: BudgetingSpec::Occurrences,
            alerts: AlertSpec::recommended(),
            least_failures: 5,
            runbook: Some("https://wiki.example/orders?slow#now".into()),
        }
    }

    #[test]
    fn a_good_one_can_be_evaluated_and_survives_being_kept() {
        let spec = spec();
        assert_eq!(spec.check().unwrap().rules, BurnRule::RECOMMENDED);
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<SloSpec>(&json).unwrap(), spec, "{json}");
    }

    #[test]
    fn unknown_fields_and_units_are_refused() {
        for json in [
            r#"{"sli":{"kind":"availability"},"objective_percent":99,"window":{"kind":"rolling","minutes":60},"x":1}"#,
            r#"{"sli":{"kind":"magic"},"objective_percent":99,"window":{"kind":"rolling","minutes":60}}"#,
            r#"{"sli":{"kind":"availability"},"objective_percent":99,"window":{"kind":"calendar","unit":"fortnight","zone":"UTC"}}"#,
        ] {
            assert!(serde_json::from_str::<SloSpec>(json).is_err(), "{json}");
        }
    }
}
