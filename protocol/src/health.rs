//! Health of an instance, in the words that health-go made known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The health of one instance: the worst of its checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthStatus {
    /// Every check passes, or there is none.
    #[default]
    #[serde(rename = "OK")]
    Ok,
    /// A check fails that is not critical: the service answers, but not everything works.
    #[serde(rename = "Partially Available")]
    PartiallyAvailable,
    /// A critical check fails.
    #[serde(rename = "Unavailable")]
    Unavailable,
}

impl HealthStatus {
    /// The words shown to people and written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::PartiallyAvailable => "Partially Available",
            Self::Unavailable => "Unavailable",
        }
    }
}

/// All checks of an instance and what follows from them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The worst of the checks.
    pub status: HealthStatus,
    /// Every declared check, in the order of declaration.
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// One named health check and its latest result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The name its author gave, unique within the service: `orders.db`.
    pub name: String,
    /// Whether its failure makes the instance [`HealthStatus::Unavailable`].
    pub critical: bool,
    /// The latest result.
    pub result: CheckResult,
    /// When the latest result was known; absent before the first run has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Timestamp>,
    /// How long the latest run took, in milliseconds.
    #[serde(default)]
    pub took_ms: u64,
}

/// What the latest run of a check said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum CheckResult {
    /// It has not run to its end yet. Counts as a failure of a critical check for readiness only.
    Pending,
    /// It passed.
    Pass,
    /// It failed, timed out or panicked.
    Fail {
        /// Why, in words for the on-call engineer.
        reason: String,
    },
}
