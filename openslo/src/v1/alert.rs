//! Alerts.

use serde::{Deserialize, Serialize};

use super::{Content, Duration, Operator, Use, absent_if_null};

/// When somebody is told, and who.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AlertPolicy {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether missing data is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_when_no_data: Option<bool>,
    /// Whether the end is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_when_resolved: Option<bool>,
    /// Whether the condition is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_when_breaching: Option<bool>,
    /// The condition: one, as a list.
    #[serde(default, deserialize_with = "absent_if_null", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Use<AlertCondition>>,
    /// Who is told.
    #[serde(default, deserialize_with = "absent_if_null", skip_serializing_if = "Vec::is_empty")]
    pub notification_targets: Vec<Use<NotificationTarget>>,
}

impl Content for AlertPolicy {
    const KIND: &'static str = "AlertPolicy";
    const REFERENCE: &'static str = "alertPolicyRef";
}

/// When an alert fires, and how much it matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AlertCondition {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much it matters: `page`.
    pub severity: String,
    /// When it fires.
    pub condition: Condition,
}

impl Content for AlertCondition {
    const KIND: &'static str = "AlertCondition";
    const REFERENCE: &'static str = "conditionRef";
}

/// When an alert fires.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Condition {
    /// What is compared.
    #[serde(default)]
    pub kind: ConditionKind,
    /// How it is compared.
    pub op: Operator,
    /// With what.
    pub threshold: f64,
    /// Over which time.
    pub lookback_window: Duration,
    /// How long it must last before it is told of.
    #[serde(
        default,
        deserialize_with = "super::duration::none_if_zero",
        skip_serializing_if = "Option::is_none"
    )]
    pub alert_after: Option<Duration>,
}

/// What an alert compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConditionKind {
    /// How many times too fast the budget burns.
    #[default]
    BurnRate,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NotificationTarget {
    /// By what: `email`.
    pub target: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Content for NotificationTarget {
    const KIND: &'static str = "AlertNotificationTarget";
    const REFERENCE: &'static str = "targetRef";
}
