//! What metric sources of our own say.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::findings::{At, Findings};
use seaworthy_yaml::shown;

use crate::v1::MetricSource;

/// A counter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Series {
    pub(crate) metric: String,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
}

/// What kind it is, which somebody has looked at already.
pub(crate) struct Ready;

/// Requests that did not fail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Availability {
    pub(crate) kind: Ready,
    #[serde(default)]
    pub(crate) routes: Vec<String>,
    #[serde(default)]
    pub(crate) methods: Vec<String>,
    #[serde(default)]
    pub(crate) bad_statuses: Vec<Statuses>,
}

/// Requests that did not take too long.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Latency {
    pub(crate) kind: Ready,
    #[serde(default)]
    pub(crate) routes: Vec<String>,
    #[serde(default)]
    pub(crate) methods: Vec<String>,
    pub(crate) threshold: Milliseconds,
}

/// A range of statuses: `500-599`, or `429` alone.
pub(crate) struct Statuses {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

/// A duration in milliseconds: `300ms`, `0.3s`.
pub(crate) struct Milliseconds(pub(crate) f64);

/// What a source says; none where it cannot be read, with the reason among the findings.
pub(crate) fn source_spec<T: de::DeserializeOwned>(
    source: &MetricSource,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<T> {
    let read = serde_path_to_error::deserialize(Value::Object(source.spec.clone()));
    read.map_err(|error| {
        let spec = at.field("spec");
        let at = match error.path().to_string().as_str() {
            "." => spec,
            path => spec.field(path),
        };
        findings.error::<()>(&at, shown(&error.into_inner().to_string()));
    })
    .ok()
}

impl<'de> Deserialize<'de> for Ready {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        text.parse().map_err(de::Error::custom)
    }
}

impl FromStr for Statuses {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        match (from.trim().parse(), to.trim().parse()) {
            (Ok(from), Ok(to)) => Ok(Self { from, to }),
            _ => Err(format!("{text:?} is no status; write for example 500-599 or 429")),
        }
    }
}

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl FromStr for Milliseconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |number: &str, unit| number.trim().parse().map(|number: f64| number * unit).ok();
        let read = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
            (Some(milliseconds), _) => number(milliseconds, 1.0),
            (None, Some(seconds)) => number(seconds, 1e3),
            (None, None) => None,
        };
        read.map(Self).ok_or_else(|| format!("{text:?} is no duration; write for example 300ms or 1.5s"))
    }
}
