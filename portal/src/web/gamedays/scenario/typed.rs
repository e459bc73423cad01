//! What the form of a scenario holds, as it was typed.

use jiff::{Timestamp, tz::TimeZone};
use seaworthy_records::{Mistake, Scenario};
use serde::Deserialize;

use super::super::{
    conclusion::{value, verdict},
    merge::merged,
};
use crate::{problem::Problem, web::time};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(super) title: String,
    pub(super) expected: String,
    pub(super) taken_away: String,
    pub(super) started_at: String,
    pub(super) ended_at: String,
    pub(super) actual: String,
    pub(super) verdict: String,
    /// What the form was opened with, as JSON.
    pub(super) was: String,
    /// What the Chaos Toolkit wrote, to be read.
    pub(super) journal: String,
}

impl Typed {
    /// With the scenario as it is.
    pub(super) fn of(scenario: &Scenario, zone: &TimeZone) -> Result<Self, Problem> {
        let was = serde_json::to_string(scenario).map_err(Problem::internal)?;
        Ok(Self { was, ..Self::filled(scenario, zone) })
    }

    /// With what was read, which nobody has saved.
    pub(super) fn filled(scenario: &Scenario, zone: &TimeZone) -> Self {
        let typed = |at: Option<Timestamp>| at.map(|at| time::typed(at, zone)).unwrap_or_default();
        Self {
            title: scenario.title.clone(),
            expected: scenario.expected.clone(),
            taken_away: scenario.taken_away.clone().unwrap_or_default(),
            started_at: typed(scenario.started_at),
            ended_at: typed(scenario.ended_at),
            actual: scenario.actual.clone(),
            verdict: value(scenario.verdict).to_owned(),
            ..Self::default()
        }
    }

    /// What the form was opened with; none for a new one.
    pub(super) fn was(&self) -> Option<Scenario> {
        serde_json::from_str(&self.was).ok()
    }

    pub(super) fn scenario(&self, zone: &TimeZone) -> Result<Scenario, Vec<Mistake>> {
        let was = self.was();
        let mut mistakes = Vec::new();
        let mut read = |field: &str, text: &str, was: Option<Timestamp>| {
            if text.trim().is_empty() {
                return None;
            }
            // A field holds whole minutes; a time that nobody has touched stays what it was.
            let untouched = was.filter(|at| time::typed(*at, zone) == text.trim());
            let at = untouched.or_else(|| time::read(text, zone));
            if at.is_none() {
                let message = format!("{text:?} is no time; write for example 2026-11-20T14:30");
                mistakes.push(Mistake { field: field.to_owned(), message });
            }
            at
        };
        let started_at = read("started_at", &self.started_at, was.as_ref().and_then(|was| was.started_at));
        let ended_at = read("ended_at", &self.ended_at, was.as_ref().and_then(|was| was.ended_at));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        // Browsers end lines otherwise than what was kept.
        let lines = |text: &str| text.trim().replace("\r\n", "\n");
        Ok(Scenario {
            title: self.title.trim().to_owned(),
            expected: lines(&self.expected),
            taken_away: Some(self.taken_away.trim().to_owned()).filter(|name| !name.is_empty()),
            started_at,
            ended_at,
            actual: lines(&self.actual),
            verdict: verdict(&self.verdict),
        })
    }

    pub(super) fn whole(&self) -> String {
        let Self { title, expected, taken_away, started_at, ended_at, actual, verdict, .. } = self;
        format!(
            "What is done: {title}\nTakes away: {taken_away}\nBegan: {started_at}\nEnded: {ended_at}\nVerdict: {verdict}\n\
             Expected:\n{expected}\nHappened:\n{actual}\n"
        )
    }
}

/// A scenario after two have written it; none where they changed a field differently.
pub(super) fn both(was: &Scenario, theirs: &Scenario, typed: &Scenario) -> Option<Scenario> {
    Some(Scenario {
        title: merged(&was.title, &theirs.title, &typed.title)?,
        expected: merged(&was.expected, &theirs.expected, &typed.expected)?,
        taken_away: merged(&was.taken_away, &theirs.taken_away, &typed.taken_away)?,
        started_at: merged(&was.started_at, &theirs.started_at, &typed.started_at)?,
        ended_at: merged(&was.ended_at, &theirs.ended_at, &typed.ended_at)?,
        actual: merged(&was.actual, &theirs.actual, &typed.actual)?,
        verdict: merged(&was.verdict, &theirs.verdict, &typed.verdict)?,
    })
}
