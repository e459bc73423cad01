//! What is said of one item.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Level, Source};

/// What is said of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is satisfied: proved by evidence, or claimed by an answer.
    Pass,
    /// It is not.
    Fail,
    /// Nobody knows: a fact was never observed, nobody has answered, or the rule has no value.
    Unknown,
    /// It was known, but too long ago, or of another build.
    Stale,
    /// It does not pass, and need not until the waiver expires.
    Waived,
    /// It has nothing to say about this service.
    NotApplicable,
}

impl Verdict {
    /// In words: `not applicable`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Stale => "stale",
            Self::Waived => "waived",
            Self::NotApplicable => "not applicable",
        }
    }

    /// What a page calls it, reached by this: a pass is `proved` or `claimed`, all else is the verdict.
    pub const fn reached_by(self, by: By) -> &'static str {
        match (self, by) {
            (Self::Pass, By::Evidence) => "proved",
            (Self::Pass, By::Answer) => "claimed",
            _ => self.as_str(),
        }
    }

    /// Whether it keeps no level from being reached.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Pass | Self::Waived | Self::NotApplicable)
    }
}

/// What an item was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A rule over facts.
    Evidence,
    /// A person.
    Answer,
}

impl By {
    /// In words: `evidence`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Answer => "answer",
        }
    }
}

/// How one item stands, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// The item's id.
    pub item: String,
    /// The position of the item's point in the template, from 0.
    pub point: usize,
    /// The item's level.
    pub level: Level,
    /// What is said of it.
    pub verdict: Verdict,
    /// By what.
    pub by: By,
    /// The number or the words behind the verdict: `p99 of 24 h: 412 ms (asked: at most 300 ms)`.
    pub words: String,
    /// What to do next; none where there is nothing to do.
    pub next: Option<String>,
    /// Since when the verdict and what it was reached by have been the same, as far as evaluations can tell.
    pub since: Timestamp,
    /// How it stood before; none where it stood the same, or was never judged.
    pub was: Option<Past>,
    /// What it would be without its waiver; none where no waiver holds or none is needed.
    pub unwaived: Option<Verdict>,
    /// Until when it stays so if nothing else changes: when it becomes stale, or its waiver expires.
    pub until: Option<Timestamp>,
    /// The facts that were read, in the order in which the rule names them.
    pub evidence: Vec<Evidence>,
}

impl Judgement {
    /// What a page calls it: a pass is proved or claimed, all else is the verdict.
    pub const fn word(&self) -> &'static str {
        self.verdict.reached_by(self.by)
    }

    /// How it stands, to be compared with the next judgement.
    pub const fn past(&self) -> Past {
        Past { verdict: self.verdict, by: self.by, since: self.since }
    }

    /// When the oldest of its evidence was seen.
    pub fn seen_at(&self) -> Option<Timestamp> {
        self.evidence.iter().map(|evidence| evidence.seen_at).min()
    }
}

/// How an item stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// What was said of it.
    pub verdict: Verdict,
    /// By what.
    pub by: By,
    /// Since when.
    pub since: Timestamp,
}

/// A fact behind a verdict, or an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// What rules call the fact; empty for an answer.
    pub name: &'static str,
    /// What is shown before it: `p99 of 24 h`, or who answered.
    pub label: String,
    /// What it is, in words; for an answer its note.
    pub words: String,
    /// When it was last seen to be so, or answered.
    pub seen_at: Timestamp,
    /// On which build.
    pub build: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// Where a person can see it.
    pub link: Option<String>,
    /// Whether it is too old, or of another build, for this item.
    pub stale: bool,
}
