//! A runbook being followed.

mod acts;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Body;
use crate::{
    Mistake,
    mistake::{LIST, Mistakes, NOTE_BYTES},
};

/// A run of a runbook: who did which step when, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The record of the runbook.
    pub runbook: i64,
    /// Which version of it is followed.
    pub runbook_version: i64,
    /// What it was followed for.
    #[serde(default)]
    pub context: Context,
    /// When it began.
    pub started_at: Timestamp,
    /// Who began it.
    pub started_by: String,
    /// Its steps in their order, as they read in that version.
    pub steps: Vec<RunStep>,
    /// Who was asked to go on with it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hand_overs: Vec<HandOver>,
    /// When it ended; none while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// How it ended, in a sentence; empty while it is under way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub outcome: String,
}

/// Somebody else goes on with a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// When.
    pub at: Timestamp,
    /// Who said so.
    pub by: String,
    /// Who goes on.
    pub to: String,
    /// What they should know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What a runbook is followed for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Context {
    /// Nothing in particular: practice.
    #[default]
    None,
    /// An alert.
    Alert {
        /// Its id.
        id: i64,
    },
    /// An incident.
    Incident {
        /// Its record.
        id: i64,
    },
    /// A gameday.
    Gameday {
        /// Its record.
        id: i64,
    },
}

/// A step and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunStep {
    /// What is to be done.
    pub text: String,
    /// How it stands.
    #[serde(default)]
    pub state: State,
    /// Who did or skipped it; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What was seen, or why it was skipped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody did it yet.
    #[default]
    Open,
    /// Somebody did it.
    Done,
    /// Somebody passed over it, and said why.
    Skipped,
}

impl Body for Run {
    const KIND: &'static str = "runbook_run";

    fn check(&self) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        mistakes.expect(self.runbook > 0, "runbook", || {
            format!("{} is no runbook; give the number of its record", self.runbook)
        });
        mistakes.expect(self.runbook_version > 0, "runbook_version", || {
            format!("{} is no version; versions count from 1", self.runbook_version)
        });
        self.context.check(&mut mistakes);
        mistakes.line("started_by", &self.started_by, "ines");
        mistakes.count("steps", &self.steps, LIST);
        for (index, step) in self.steps.iter().enumerate() {
            step.check(index, self.started_at, &mut mistakes);
        }
        mistakes.count("hand_overs", &self.hand_overs, LIST);
        for (index, hand_over) in self.hand_overs.iter().enumerate() {
            let field = |name: &str| format!("hand_overs[{index}].{name}");
            mistakes.line(field("by"), &hand_over.by, "ines");
            mistakes.line(field("to"), &hand_over.to, "tomas");
            mistakes.text(field("note"), &hand_over.note, NOTE_BYTES);
        }
        mistakes.span(("started_at", Some(self.started_at)), ("finished_at".to_owned(), self.finished_at));
        mistakes.text("outcome", &self.outcome, NOTE_BYTES);
        let told = !self.outcome.trim().is_empty();
        mistakes.expect(told || self.finished_at.is_none(), "outcome", || {
            "the run is finished; say how it ended, for example \"rolled back, errors gone\"".to_owned()
        });
        mistakes.done()
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.started_at)
    }

    fn is_open(&self) -> bool {
        self.finished_at.is_none()
    }
}

impl Context {
    fn check(&self, mistakes: &mut Mistakes) {
        match self {
            Self::None => {}
            Self::Alert { id } | Self::Incident { id } | Self::Gameday { id } => {
                mistakes.expect(*id > 0, "context.id", || {
                    format!("{id} is none; give the number that its page shows")
                });
            }
        }
    }
}

impl RunStep {
    /// A step that nobody did yet.
    pub fn open(text: impl Into<String>) -> Self {
        Self { text: text.into(), state: State::Open, by: None, at: None, note: String::new() }
    }

    fn check(&self, index: usize, started_at: Timestamp, mistakes: &mut Mistakes) {
        let field = |name: &str| format!("steps[{index}].{name}");
        mistakes.said(field("text"), &self.text, "\"Open one failing trace\"");
        mistakes.text(field("note"), &self.note, NOTE_BYTES);
        mistakes.some_line(field("by"), self.by.as_deref(), "ines");
        let settled = self.state != State::Open;
        mistakes.expect(settled == self.by.is_some(), field("by"), || match settled {
            true => "the step is done or skipped, but by nobody; say by whom".to_owned(),
            false => "the step is open, so nobody did it; leave it out or set the state".to_owned(),
        });
        mistakes.expect(settled == self.at.is_some(), field("at"), || match settled {
            true => "the step is done or skipped, but never; say when".to_owned(),
            false => "the step is open, so it has no time; leave it out or set the state".to_owned(),
        });
        mistakes.expect(self.at.is_none_or(|at| started_at <= at), field("at"), || {
            format!("no step is done before the run starts, {started_at}")
        });
        let why = !self.note.trim().is_empty();
        mistakes.expect(self.state != State::Skipped || why, field("note"), || {
            "the step is skipped; say why".to_owned()
        });
    }
}
