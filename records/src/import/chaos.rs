//! The Chaos Toolkit: a journal as a scenario of a gameday.
//!
//! Source: `chaoslib/run.py`, `hypothesis.py` and `activity.py` of chaostoolkit/chaostoolkit-lib. The toolkit checks tolerances of
//! the steady-state hypothesis alone; what a probe of the method saw, it only writes down.

use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};

use super::{
    Imported,
    read::{fits, json, mistake, time},
};
use crate::{
    Mistake, Scenario, Verdict,
    mistake::{LINE, NOTE_BYTES},
};

#[derive(Deserialize)]
struct Journal {
    experiment: Option<Experiment>,
    status: Option<String>,
    #[serde(default)]
    deviated: bool,
    steady_states: Option<States>,
    #[serde(default)]
    run: Vec<Activity>,
    #[serde(default)]
    rollbacks: Vec<Activity>,
    #[serde(default, deserialize_with = "time")]
    start: Option<Timestamp>,
    #[serde(default, deserialize_with = "time")]
    end: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Experiment {
    title: Option<String>,
    #[serde(rename = "steady-state-hypothesis")]
    hypothesis: Option<Hypothesis>,
    dry: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Hypothesis {
    title: Option<String>,
    #[serde(default)]
    probes: Vec<Named>,
}

#[derive(Deserialize)]
struct States {
    before: Option<State>,
    after: Option<State>,
    #[serde(default)]
    during: Vec<State>,
}

#[derive(Deserialize)]
struct State {
    steady_state_met: Option<bool>,
    #[serde(default)]
    probes: Vec<Activity>,
}

#[derive(Deserialize)]
struct Activity {
    activity: Named,
    status: Option<String>,
    tolerance_met: Option<bool>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
    #[serde(default, rename = "type")]
    kind: String,
    tolerance: Option<IgnoredAny>,
}

/// Sentences of one journal: more than this only repeat.
const MOST_TOLD: usize = 50;

/// Reads a journal (`chaos run --journal-path FILE`).
///
/// The verdict is `held` only where the steady state was met before and after, every probe of it met its tolerance whenever
/// it was asked, and every activity of the method and the rollbacks succeeded. It is `failed` where the steady state was lost,
/// and left open where the journal does not decide it, with the reason among the remarks. Which dependency was taken away a
/// journal does not say.
///
/// # Errors
/// When it is no journal, too long, or of a dry run: the field, and what to do.
pub fn scenario(journal: &str) -> Result<Imported<Scenario>, Mistake> {
    fits(journal)?;
    let journal: Journal = json(journal)?;
    let missing = |field: &str| {
        mistake(
            field,
            "it is missing, so this is no journal of the Chaos Toolkit; give the file of chaos run --journal-path",
        )
    };
    let experiment = journal.experiment.as_ref().ok_or_else(|| missing("experiment"))?;
    let states = journal.steady_states.as_ref().ok_or_else(|| missing("steady_states"))?;
    let status = journal.status.as_deref().ok_or_else(|| missing("status"))?;
    if experiment.dry.is_some() {
        return Err(mistake(
            "experiment.dry",
            "it was a dry run, in which nothing happened; run it without --dry",
        ));
    }
    let findings = Findings::of(&journal, states, status);
    let expected = expected(experiment);
    Ok(Imported {
        record: Scenario {
            title: line(experiment.title.as_deref().unwrap_or("An experiment without a title")),
            expected: note(expected),
            taken_away: None,
            started_at: journal.start,
            ended_at: journal.end.filter(|end| journal.start.is_some_and(|start| start <= *end)),
            actual: note(findings.sentences().join("\n")),
            verdict: findings.verdict(),
        },
        remarks: findings.remarks(),
    })
}

fn expected(experiment: &Experiment) -> String {
    let Some(hypothesis) = &experiment.hypothesis else {
        return "The experiment has no steady-state hypothesis.".to_owned();
    };
    let probes: Vec<_> = hypothesis.probes.iter().take(MOST_TOLD).map(|probe| line(&probe.name)).collect();
    let title = line(hypothesis.title.as_deref().unwrap_or("The steady state holds"));
    if probes.is_empty() { title } else { format!("{title} (probes: {})", probes.join(", ")) }
}

/// What a journal says, and what follows from it.
#[derive(Default)]
struct Findings {
    /// Sentences about what happened.
    told: Vec<String>,
    /// The steady state was lost.
    lost: bool,
    /// Why nobody can say that it held.
    open: Vec<String>,
}

impl Findings {
    fn of(journal: &Journal, states: &States, status: &str) -> Self {
        let mut findings = Self::default();
        let before = findings.state("before the method", states.before.as_ref());
        if before == Some(false) {
            findings.open.push("The steady state was not there before, so nothing was tried.".to_owned());
        }
        for during in &states.during {
            findings.lost |= findings.state("during the method", Some(during)) == Some(false);
        }
        // What could not have been steady is not lost.
        if before != Some(false) {
            findings.lost |= findings.state("after the method", states.after.as_ref()) == Some(false);
            findings.lost |= journal.deviated;
            if journal.deviated {
                findings.told.push("The system deviated from its steady state.".to_owned());
            }
        }
        findings.activities("method", &journal.run);
        findings.activities("rollbacks", &journal.rollbacks);
        if before != Some(false) && journal.run.is_empty() {
            findings.open.push("No activity of the method ran.".to_owned());
        }
        if status != "completed" {
            findings.open.push(format!("The experiment did not complete, it was {}.", line(status)));
        }
        findings
    }

    /// Whether the steady state was met, which is told; none where nobody looked.
    fn state(&mut self, when: &str, state: Option<&State>) -> Option<bool> {
        let Some(state) = state else {
            self.open.push(format!("Nobody looked at the steady state {when}."));
            return None;
        };
        let missed = state.probes.iter().filter(|probe| probe.tolerance_met != Some(true));
        let missed: Vec<String> = missed.take(MOST_TOLD).map(|probe| line(&probe.activity.name)).collect();
        // A state without a probe has met nothing.
        let met = state.steady_state_met == Some(true) && missed.is_empty() && !state.probes.is_empty();
        self.told.push(match (met, missed.is_empty()) {
            (true, _) => format!("The steady state was met {when}."),
            (false, true) => format!("The steady state was not met {when}."),
            (false, false) => format!("The steady state was not met {when}: {} missed.", missed.join(", ")),
        });
        Some(met)
    }

    fn activities(&mut self, part: &str, activities: &[Activity]) {
        for activity in activities {
            let name = line(&activity.activity.name);
            let kind = if activity.activity.kind == "probe" { "probe" } else { "action" };
            if activity.status.as_deref() != Some("succeeded") {
                self.open.push(format!("The {kind} {name} of the {part} failed."));
            } else if activity.tolerance_met == Some(false) {
                self.open.push(format!("The {kind} {name} of the {part} missed its tolerance."));
            } else if kind == "probe"
                && activity.activity.tolerance.is_some()
                && activity.tolerance_met.is_none()
            {
                self.open.push(format!(
                    "The probe {name} of the {part} has a tolerance, which the Chaos Toolkit checks in the hypothesis alone; \
                     look at what it saw."
                ));
            }
        }
    }

    fn sentences(&self) -> Vec<&str> {
        self.told.iter().chain(&self.open).take(2 * MOST_TOLD).map(String::as_str).collect()
    }

    fn verdict(&self) -> Option<Verdict> {
        match (self.lost, self.open.is_empty()) {
            (true, _) => Some(Verdict::Failed),
            (false, true) => Some(Verdict::Held),
            (false, false) => None,
        }
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = self.open.iter().take(MOST_TOLD).cloned().collect();
        if self.verdict().is_none() {
            remarks
                .push("So the journal does not decide whether the service held; say it yourself.".to_owned());
        }
        remarks
            .push("A journal does not say which dependency was taken away; say it, if one was.".to_owned());
        remarks
    }
}

/// One line that fits into a record.
fn line(text: &str) -> String {
    let words = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty());
    let text: String = words.collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LINE - 1) {
        Some((end, last)) if end + last.len_utf8() < text.len() => format!("{}…", &text[..end]),
        _ if text.is_empty() => "without a name".to_owned(),
        _ => text,
    }
}

fn note(mut text: String) -> String {
    if text.len() > NOTE_BYTES {
        text.truncate(text.floor_char_boundary(NOTE_BYTES - 3));
        text.push('…');
    }
    text
}
