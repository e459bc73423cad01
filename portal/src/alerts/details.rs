//! What is kept of an alert besides its state.

use jiff::Timestamp;
use seaworthy_catalog::Alert;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an alert says, and what was found when it fired. Kept as JSON in the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    /// The kind of alert: `SloBurnRate`.
    pub(crate) name: String,
    /// What is wrong, in a few words.
    pub(crate) title: String,
    /// The same in a sentence with the numbers, as they were when it fired.
    pub(crate) summary: String,
    /// Why it is over, in a sentence; empty before.
    pub(crate) over: String,
    /// Whether people were told that it fires.
    pub(crate) told: bool,
    /// What to do.
    pub(crate) runbook: Option<String>,
    /// Where to look.
    pub(crate) clues: Clues,
}

/// Where to look first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Clues {
    /// What traces were looked for, in words; empty where none were.
    pub(crate) traces_of: String,
    /// The search for them, as the query of the page of traces without its time.
    pub(crate) search: Vec<(String, String)>,
    /// Ids of a few of them.
    pub(crate) traces: Vec<String>,
    /// The last deploy before it began.
    pub(crate) deploy: Option<Deploy>,
}

/// The first check-in of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Deploy {
    /// Its version.
    pub(crate) version: String,
    /// Its commit.
    pub(crate) commit: String,
    /// When an instance first ran it.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

impl Details {
    /// The details of an alert. Of one that another version of the portal wrote otherwise, what can be said of any.
    pub(crate) fn of(alert: &Alert) -> Self {
        serde_json::from_str(&alert.status.details).unwrap_or_else(|_| Self {
            name: "Alert".to_owned(),
            title: alert.origin.key.clone(),
            told: alert.status.fired_at.is_some(),
            ..Self::default()
        })
    }
}
