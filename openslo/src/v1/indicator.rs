//! SLIs, and where their data comes from.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Content, absent_if_null};

/// A service level indicator: what is measured. Either a threshold or a ratio.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Indicator {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A value that objectives compare with theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_metric: Option<Metric>,
    /// What is good, of everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio_metric: Option<RatioMetric>,
}

impl Content for Indicator {
    const KIND: &'static str = "SLI";
    const REFERENCE: &'static str = "indicatorRef";
}

/// What is good, of everything: `good` or `bad` with `total`, or `raw`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RatioMetric {
    /// Whether the metrics are counters that only rise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<bool>,
    /// What was good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good: Option<Metric>,
    /// What was bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad: Option<Metric>,
    /// Everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Metric>,
    /// What the ready-made ratio is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_type: Option<RawType>,
    /// A ratio that somebody else has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Metric>,
}

/// What a ready-made ratio is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawType {
    /// Of what was good.
    Success,
    /// Of what was bad.
    Failure,
}

/// A metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metric {
    /// Where it is read from.
    pub metric_source: MetricSource,
}

/// Where a metric is read from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MetricSource {
    /// The name of a [`DataSource`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_source_ref: Option<String>,
    /// The kind of source; that of the data source, if none is said.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    /// What the kind of source needs to know.
    #[serde(default, deserialize_with = "absent_if_null")]
    pub spec: Map<String, Value>,
}

/// How a source of metrics is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DataSource {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The kind of source: `Prometheus`.
    #[serde(rename = "type")]
    pub source_type: String,
    /// Whatever the kind of source needs.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub connection_details: Value,
}

impl Content for DataSource {
    const KIND: &'static str = "DataSource";
    const REFERENCE: &'static str = "metricSourceRef";
}
