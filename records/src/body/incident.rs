//! What went wrong, and what is done about it.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Body;
use crate::{
    Mistake,
    mistake::{LIST, Mistakes},
};

/// Entries of one timeline: an incident of a day, one every two minutes.
const ENTRIES: usize = 800;

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// When it began to hurt, as far as is known.
    pub started_at: Timestamp,
    /// Who or what noticed first.
    pub detected_by: DetectedBy,
    /// The alert that it was opened from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<i64>,
    /// Who leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commander: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// What happened, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Entry>,
    /// When it was over; none while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// What is to be done so that it does not come again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub action_items: Vec<ActionItem>,
    /// What was learnt, in Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postmortem: String,
}

/// Who or what noticed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DetectedBy {
    /// An alert.
    Alert,
    /// Somebody who uses the service.
    User,
    /// Anything else: a colleague who looked at a chart.
    Other,
}

/// How bad an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Everybody is hurt, or data is lost.
    Sev1,
    /// Many are, or something important does not work.
    Sev2,
    /// Some are, and there is a way around.
    Sev3,
    /// Hardly anybody notices.
    Sev4,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: String,
    /// What.
    pub text: String,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionItem {
    /// What.
    pub text: String,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// By when: `2026-03-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// When it was done; none while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
}

impl Incident {
    /// Who took part: the commander, and who wrote into the timeline.
    pub fn participants(&self) -> BTreeSet<&str> {
        self.commander
            .as_deref()
            .into_iter()
            .chain(self.timeline.iter().map(|entry| entry.by.as_str()))
            .collect()
    }

    /// What is still to be done.
    pub fn open_items(&self) -> impl Iterator<Item = &ActionItem> {
        self.action_items.iter().filter(|item| item.done_at.is_none())
    }
}

impl Body for Incident {
    const KIND: &'static str = "incident";

    fn check(&self) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        mistakes.expect(self.alert.is_none_or(|id| id > 0), "alert", || {
            "it is no alert; give the number that its page shows, or leave it out".to_owned()
        });
        mistakes.some_line("commander", self.commander.as_deref(), "ines");
        mistakes.count("timeline", &self.timeline, ENTRIES);
        for (index, entry) in self.timeline.iter().enumerate() {
            mistakes.line(format!("timeline[{index}].by"), &entry.by, "ines");
            mistakes.said(format!("timeline[{index}].text"), &entry.text, "\"rolled back to 1.8.1\"");
        }
        mistakes.span(("started_at", Some(self.started_at)), ("resolved_at".to_owned(), self.resolved_at));
        mistakes.count("action_items", &self.action_items, LIST);
        for (index, item) in self.action_items.iter().enumerate() {
            let field = |name: &str| format!("action_items[{index}].{name}");
            mistakes.said(field("text"), &item.text, "\"give the client of barista a timeout\"");
            mistakes.some_line(field("owner"), item.owner.as_deref(), "tomas");
        }
        mistakes.page("postmortem", &self.postmortem);
        mistakes.done()
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.started_at)
    }

    fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }
}
