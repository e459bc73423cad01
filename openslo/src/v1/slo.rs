//! SLOs.

use serde::{Deserialize, Serialize};

use super::{AlertPolicy, Content, Duration, Indicator, Resource, Use, absent_if_null, duration};

/// A service level objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Slo {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The service; an object [`Service`](super::Service) need not exist.
    pub service: String,
    /// What is measured. Either this or `indicator_ref`, or one of them in every objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<Resource<Indicator>>,
    /// The same by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator_ref: Option<String>,
    /// Over which time: one, as a list.
    #[serde(default, deserialize_with = "absent_if_null", skip_serializing_if = "Vec::is_empty")]
    pub time_window: Vec<TimeWindow>,
    /// How the budget is counted.
    pub budgeting_method: BudgetingMethod,
    /// How much must be good.
    pub objectives: Vec<Objective>,
    /// What alerts.
    #[serde(default, deserialize_with = "absent_if_null", skip_serializing_if = "Vec::is_empty")]
    pub alert_policies: Vec<Use<AlertPolicy>>,
}

impl Content for Slo {
    const KIND: &'static str = "SLO";
    const REFERENCE: &'static str = "sloRef";
}

/// A window of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TimeWindow {
    /// How long.
    pub duration: Duration,
    /// Where windows of the calendar begin; none for a rolling one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Begin>,
    /// Whether it always ends now.
    #[serde(default)]
    pub is_rolling: bool,
}

/// Where windows of the calendar begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Begin {
    /// Date and time of day of the first one: `2024-01-01 00:00:00`.
    pub start_time: String,
    /// The IANA name of its zone: `Europe/Berlin`.
    pub time_zone: String,
}

/// How a budget is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BudgetingMethod {
    /// By events.
    Occurrences,
    /// By slices of time that are good or bad.
    Timeslices,
    /// By the average of what was good in each slice of time.
    RatioTimeslices,
}

/// How much must be good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Objective {
    /// What people read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// How a threshold metric is compared with `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<Operator>,
    /// What a threshold metric is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The share, above 0 and below 1. Either this or `target_percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// The same in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_percent: Option<f64>,
    /// The share of a slice that must be good for the slice to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_slice_target: Option<f64>,
    /// How long a slice is; minutes, if it is a bare number.
    #[serde(
        default,
        deserialize_with = "duration::minutes_or_shorthand",
        skip_serializing_if = "Option::is_none"
    )]
    pub time_slice_window: Option<Duration>,
    /// What is measured, in a composite SLO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<Resource<Indicator>>,
    /// The same by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator_ref: Option<String>,
    /// How much it counts in a composite SLO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composite_weight: Option<f64>,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// At most.
    Lte,
    /// At least.
    Gte,
    /// Less than.
    Lt,
    /// More than.
    Gt,
}
