//! A day on which people break things on purpose.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Body;
use crate::{
    Mistake,
    mistake::{LIST, Mistakes, NOTE_BYTES},
};

/// A gameday, planned or held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gameday {
    /// When it is to begin.
    pub planned_for: Timestamp,
    /// Who takes part, by login.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<String>,
    /// What is tried, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<Scenario>,
    /// What is to be mended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<Ticket>,
    /// Whether the service held on the whole; none until the day is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What was learnt, in Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub report: String,
}

/// One thing that is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What is done: `Take away the database for 5 min`.
    pub title: String,
    /// What should happen then.
    pub expected: String,
    /// The dependency that is taken away, by the name that the service reports it under; none where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_away: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What did happen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actual: String,
    /// Whether what was expected happened; none while nobody has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// Whether a service did what was expected of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It did.
    Held,
    /// It did not.
    Failed,
}

/// Something to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// What.
    pub title: String,
    /// Where it is worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Since when it is known.
    pub opened_at: Timestamp,
    /// When it was mended; none while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

impl Gameday {
    /// Of how many scenarios nobody has recorded what happened.
    pub fn without_result(&self) -> usize {
        self.scenarios.iter().filter(|scenario| scenario.verdict.is_none()).count()
    }
}

impl Body for Gameday {
    const KIND: &'static str = "gameday";

    fn check(&self) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        mistakes.count("participants", &self.participants, LIST);
        for (index, person) in self.participants.iter().enumerate() {
            mistakes.line(format!("participants[{index}]"), person, "ines");
        }
        mistakes.count("scenarios", &self.scenarios, LIST);
        for (index, scenario) in self.scenarios.iter().enumerate() {
            scenario.check(index, &mut mistakes);
        }
        mistakes.count("tickets", &self.tickets, LIST);
        for (index, ticket) in self.tickets.iter().enumerate() {
            ticket.check(index, &mut mistakes);
        }
        mistakes.page("report", &self.report);
        self.check_verdict(&mut mistakes);
        mistakes.done()
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.planned_for)
    }

    fn is_open(&self) -> bool {
        self.verdict.is_none()
    }
}

impl Gameday {
    fn check_verdict(&self, mistakes: &mut Mistakes) {
        if self.verdict.is_none() {
            return;
        }
        mistakes.expect(!self.scenarios.is_empty(), "verdict", || {
            "nothing was tried, so there is no verdict; add a scenario first".to_owned()
        });
        let open = self.without_result();
        mistakes.expect(open == 0, "verdict", || {
            format!("{open} of {} scenarios have no verdict yet; give theirs first", self.scenarios.len())
        });
    }
}

impl Scenario {
    fn check(&self, index: usize, mistakes: &mut Mistakes) {
        let field = |name: &str| format!("scenarios[{index}].{name}");
        mistakes.line(field("title"), &self.title, "\"Take away the database for 5 min\"");
        mistakes.said(field("expected"), &self.expected, "\"orders are queued, nobody sees an error\"");
        mistakes.some_line(field("taken_away"), self.taken_away.as_deref(), "postgres");
        mistakes.span(("its start", self.started_at), (field("ended_at"), self.ended_at));
        mistakes.text(field("actual"), &self.actual, NOTE_BYTES);
        let told = !self.actual.trim().is_empty();
        mistakes.expect(self.verdict.is_none() || told, field("actual"), || {
            "there is a verdict, but not what happened; write that first".to_owned()
        });
    }
}

impl Ticket {
    fn check(&self, index: usize, mistakes: &mut Mistakes) {
        let field = |name: &str| format!("tickets[{index}].{name}");
        mistakes.line(field("title"), &self.title, "\"Give the client of barista a timeout\"");
        mistakes.link(field("link"), self.link.as_deref());
        mistakes.span(("its opening", Some(self.opened_at)), (field("closed_at"), self.closed_at));
    }
}
