//! Whether what was seen still counts.

use jiff::{SignedDuration, Timestamp};

use super::Subject;
use crate::{
    Item, Mark,
    words::{ago, length},
};

/// How long what an item is judged by counts.
#[derive(Clone, Copy)]
pub(super) struct Freshness<'a> {
    now: Timestamp,
    max_age: Option<SignedDuration>,
    /// Whether it belongs to a build, and if so to which it should.
    build: Option<Option<&'a str>>,
}

/// Why something no longer counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Staleness {
    TooOld { seen_at: Timestamp, max_age: SignedDuration },
    OtherBuild { seen: Option<String>, running: Option<String> },
}

impl<'a> Freshness<'a> {
    /// Of the facts of an item, where the template has a limit for items that have none of their own. What belongs to a build
    /// counts as long as the build runs.
    pub(super) fn of_facts(item: &Item, default: Option<SignedDuration>, subject: &Subject<'a>) -> Self {
        let build = item.marks.contains(&Mark::Build).then_some(subject.build);
        let max_age = item.max_age.or(default.filter(|_| build.is_none()));
        Self { now: subject.now, max_age, build }
    }

    /// Of what decides whether an item applies: of no build.
    pub(super) fn of_conditions(item: &Item, default: Option<SignedDuration>, subject: &Subject<'a>) -> Self {
        Self { now: subject.now, max_age: item.max_age.or(default), build: None }
    }

    /// Of an answer.
    pub(super) fn of_answer(item: &Item, max_age: Option<SignedDuration>, subject: &Subject<'a>) -> Self {
        let build = item.marks.contains(&Mark::Build).then_some(subject.build);
        Self { now: subject.now, max_age, build }
    }

    /// Why it no longer counts; none where it does.
    pub(super) fn staleness(&self, seen_at: Timestamp, seen_on: Option<&str>) -> Option<Staleness> {
        if let Some(running) = self.build
            && (seen_on.is_none() || seen_on != running)
        {
            let (seen, running) = (seen_on.map(str::to_owned), running.map(str::to_owned));
            return Some(Staleness::OtherBuild { seen, running });
        }
        let max_age = self.max_age.filter(|max_age| self.now.duration_since(seen_at) > *max_age)?;
        Some(Staleness::TooOld { seen_at, max_age })
    }

    /// When it will no longer count, if it does now; none where only a new build can make it stale.
    pub(super) fn until(&self, seen_at: Timestamp) -> Option<Timestamp> {
        seen_at.checked_add(self.max_age?).ok()
    }
}

impl Staleness {
    /// In words: `seen 12 d ago, counts for 10 min`.
    pub(super) fn words(&self, verb: &str, now: Timestamp) -> String {
        match self {
            Self::TooOld { seen_at, max_age } => {
                format!("{verb} {}, counts for {}", ago(*seen_at, now), length(*max_age))
            }
            Self::OtherBuild { seen: None, .. } => format!("{verb} on no known build"),
            Self::OtherBuild { seen: Some(seen), running: None } => {
                format!("{verb} on build {seen}; which one runs now is not known")
            }
            Self::OtherBuild { seen: Some(seen), running: Some(running) } => {
                format!("{verb} on build {seen}; {running} runs now")
            }
        }
    }
}
