//! What people say of a service: answers, waivers, and what does not apply to it.

mod waiver;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Template;

pub use waiver::{Approval, MAX_WAIVER_DAYS, RefusedWaiver, Waiver, WaiverState};

/// What people have said of one service by one template, each by the id of the item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The latest answer to each item.
    #[serde(default)]
    pub answers: BTreeMap<String, Answer>,
    /// The latest waiver of each item.
    #[serde(default)]
    pub waivers: BTreeMap<String, Waiver>,
    /// The items that somebody has declared not applicable.
    #[serde(default)]
    pub not_applicable: BTreeMap<String, NotApplicable>,
}

impl People {
    /// The ids of items that somebody has said something of and that the template does not ask, in order.
    pub fn left_behind(&self, template: &Template) -> BTreeSet<&str> {
        let said = self.answers.keys().chain(self.waivers.keys()).chain(self.not_applicable.keys());
        said.map(String::as_str).filter(|id| template.item(id).is_none()).collect()
    }
}

/// What a person answers to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether the answer to the item's question is yes.
    pub yes: bool,
    /// Who answered.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they said.
    #[serde(default)]
    pub note: String,
    /// Where it can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The build that ran when they answered; none where none was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
}

/// That an item does not apply to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotApplicable {
    /// Why not.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}
