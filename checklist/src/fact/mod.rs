//! What has been observed of a service.

mod facts;
mod value;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use facts::{Facts, RefusedFact};
pub use value::{MAX_ENTRIES, MAX_TEXT_BYTES, Type, Value};

/// One named, dated observation about a service.
///
/// ```
/// use seaworthy_checklist::{Fact, Facts, Source};
///
/// let seen_at = "2026-11-21T10:00:00Z".parse()?;
/// let mut facts = Facts::default();
/// facts.insert(
///     "request_trace_id_share_24h",
///     Fact::new(0.9997, seen_at, Source::Telemetry).of(48_211).build("1.8.2").link("/traces?service=orders"),
/// )?;
/// assert_eq!(facts.get("request_trace_id_share_24h").and_then(|fact| fact.of), Some(48_211));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What was observed.
    pub value: Value,
    /// When it was last seen to be so. For what happens at a moment, such as a deploy or a gameday, that moment; where it never
    /// did, the moment of looking.
    pub seen_at: Timestamp,
    /// Where it comes from.
    pub source: Source,
    /// How many a share is a share of: requests, lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// The build that it was seen on; none where no build had to do with it, or none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// Where a person can see it: a path of the portal, or a URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Fact {
    /// A fact without what need not be known.
    pub fn new(value: impl Into<Value>, seen_at: Timestamp, source: Source) -> Self {
        Self { value: value.into(), seen_at, source, of: None, build: None, link: None }
    }

    /// How many its share is a share of.
    #[must_use]
    pub fn of(self, total: u64) -> Self {
        Self { of: Some(total), ..self }
    }

    /// The build that it was seen on.
    #[must_use]
    pub fn build(self, build: impl Into<String>) -> Self {
        Self { build: Some(build.into()), ..self }
    }

    /// Where a person can see it.
    #[must_use]
    pub fn link(self, link: impl Into<String>) -> Self {
        Self { link: Some(link.into()), ..self }
    }
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// What instances say in their check-ins, and what follows from the sequence of them.
    CheckIn,
    /// Spans, metrics, logs and profiles.
    Telemetry,
    /// The service's SLOs and their budgets.
    Slo,
    /// The service's alerts and their deliveries.
    Alert,
    /// Runbooks, gamedays, load tests, incidents and other records, and the verdicts of other services.
    Record,
    /// Somebody said so.
    Person,
}

impl Source {
    /// In words: `check-in`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CheckIn => "check-in",
            Self::Telemetry => "telemetry",
            Self::Slo => "SLO",
            Self::Alert => "alert",
            Self::Record => "record",
            Self::Person => "person",
        }
    }
}
