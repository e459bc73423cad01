//! What people do to a run. Several do it at once, so each act says what happened, and can be done to a run that others
//! have gone on with meanwhile: nothing that anybody said is lost.

use jiff::Timestamp;

use super::{HandOver, Run, RunStep, State};
use crate::Mistake;

impl Run {
    /// How many steps are done or skipped.
    pub fn settled(&self) -> usize {
        self.steps.iter().filter(|step| step.state != State::Open).count()
    }

    /// The first step that is open; none where all are settled.
    pub fn current(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.state == State::Open)
    }

    /// Who leads it now.
    pub fn leader(&self) -> &str {
        self.hand_overs.last().map_or(&self.started_by, |hand_over| &hand_over.to)
    }

    /// Everybody who had a part in it, each once: who began it first.
    pub fn people(&self) -> Vec<&str> {
        let mut people = Vec::new();
        let steps = self.steps.iter().filter_map(|step| step.by.as_deref());
        let asked = self.hand_overs.iter().map(|hand_over| hand_over.to.as_str());
        for person in [self.started_by.as_str()].into_iter().chain(asked).chain(steps) {
            if !people.contains(&person) {
                people.push(person);
            }
        }
        people
    }

    /// Somebody did a step. Where somebody else did it before, they stay the one, and the note is added to theirs.
    ///
    /// # Errors
    /// When the run is finished or there is no such step.
    pub fn tick(&mut self, step: usize, by: &str, at: Timestamp, note: &str) -> Result<(), Mistake> {
        let at = at.max(self.started_at);
        let step = self.step(step)?;
        match step.state {
            State::Done => step.hear(by, note),
            State::Open => step.settle(State::Done, by, at, note),
            State::Skipped => {
                let said = format!("{} skipped it: {}", step.by.as_deref().unwrap_or("Somebody"), step.note);
                step.note = said;
                step.settle(State::Done, by, at, note);
            }
        }
        Ok(())
    }

    /// Somebody passed over a step, and says why. What is done already stays done, and what they say is added.
    ///
    /// # Errors
    /// When the run is finished, there is no such step, or nobody says why.
    pub fn skip(&mut self, step: usize, by: &str, at: Timestamp, why: &str) -> Result<(), Mistake> {
        if why.trim().is_empty() {
            return Err(mistake("note", "the step is skipped; say why"));
        }
        let at = at.max(self.started_at);
        let step = self.step(step)?;
        match step.state {
            State::Open => step.settle(State::Skipped, by, at, why),
            State::Done | State::Skipped => step.hear(by, why),
        }
        Ok(())
    }

    /// A step was not done after all. What was said of it stays.
    ///
    /// # Errors
    /// When the run is finished or there is no such step.
    pub fn untick(&mut self, step: usize) -> Result<(), Mistake> {
        let step = self.step(step)?;
        (step.state, step.by, step.at) = (State::Open, None, None);
        Ok(())
    }

    /// Somebody else goes on with it.
    ///
    /// # Errors
    /// When the run is finished, or nobody is named.
    pub fn hand_over(&mut self, to: &str, by: &str, at: Timestamp, note: &str) -> Result<(), Mistake> {
        self.goes_on()?;
        let (to, note) = (to.trim(), note.trim());
        if to.is_empty() {
            return Err(mistake("to", "nobody is named; write who goes on, for example tomas"));
        }
        self.hand_overs.push(HandOver { at, by: by.to_owned(), to: to.to_owned(), note: note.to_owned() });
        Ok(())
    }

    /// It is over.
    ///
    /// # Errors
    /// When it is finished already, or nobody says how it ended.
    pub fn finish(&mut self, at: Timestamp, outcome: &str) -> Result<(), Mistake> {
        self.goes_on()?;
        if outcome.trim().is_empty() {
            let told = "say how it ended, for example \"rolled back, errors gone\"";
            return Err(mistake("outcome", told));
        }
        (self.finished_at, self.outcome) = (Some(at.max(self.started_at)), outcome.trim().to_owned());
        Ok(())
    }

    fn goes_on(&self) -> Result<(), Mistake> {
        match self.finished_at {
            None => Ok(()),
            Some(at) => Err(mistake("", &format!("the run was finished at {at}; start another"))),
        }
    }

    fn step(&mut self, index: usize) -> Result<&mut RunStep, Mistake> {
        self.goes_on()?;
        let steps = self.steps.len();
        self.steps.get_mut(index).ok_or_else(|| {
            mistake("", &format!("there is no step {}; the run has {steps}", index.saturating_add(1)))
        })
    }
}

impl RunStep {
    fn settle(&mut self, state: State, by: &str, at: Timestamp, note: &str) {
        self.add(note.trim());
        (self.state, self.by, self.at) = (state, Some(by.to_owned()), Some(at));
    }

    /// What somebody says of a step that another has settled; said twice it is kept once.
    fn hear(&mut self, by: &str, note: &str) {
        let note = note.trim();
        let own = self.by.as_deref() == Some(by);
        let said = if own { note.to_owned() } else { format!("{by}: {note}") };
        if !note.is_empty() && !self.note.contains(&said) {
            self.add(&said);
        }
    }

    fn add(&mut self, note: &str) {
        if !note.is_empty() && !self.note.is_empty() {
            self.note.push('\n');
        }
        self.note.push_str(note);
    }
}

fn mistake(field: &str, message: &str) -> Mistake {
    Mistake { field: field.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Body, Context};

    fn at(minute: i64) -> Timestamp {
        let start: Timestamp = "2026-11-20T14:12:00Z".parse().unwrap();
        start + jiff::SignedDuration::from_mins(minute)
    }

    fn run(steps: usize) -> Run {
        Run {
            runbook: 3,
            runbook_version: 7,
            context: Context::Alert { id: 5 },
            started_at: at(0),
            started_by: "ines".into(),
            steps: (1..=steps).map(|step| RunStep::open(format!("Step {step}"))).collect(),
            hand_overs: vec![],
            finished_at: None,
            outcome: String::new(),
        }
    }

    #[test]
    fn a_step_is_done_once_and_every_note_is_kept() {
        let mut run = run(3);
        run.tick(0, "ines", at(1), " card payments work\n").unwrap();
        run.tick(0, "tomas", at(2), "some are doubled").unwrap();
        for _ in 0..2 {
            run.tick(0, "ines", at(3), "card payments work").unwrap();
            run.skip(0, "tomas", at(3), "some are doubled").unwrap();
        }
        let step = &run.steps[0];
        assert_eq!((step.state, step.by.as_deref(), step.at), (State::Done, Some("ines"), Some(at(1))));
        assert_eq!(step.note, "card payments work\ntomas: some are doubled");
        assert_eq!((run.settled(), run.current()), (1, Some(1)));
        run.check().unwrap();
    }

    #[test]
    fn who_skips_says_why_and_it_can_be_done_later() {
        let mut run = run(1);
        assert_eq!(run.skip(0, "ines", at(1), " ").unwrap_err().field, "note");
        run.skip(0, "ines", at(1), "no access").unwrap();
        assert_eq!((run.steps[0].state, run.current()), (State::Skipped, None));
        run.tick(0, "tomas", at(2), "did it").unwrap();
        assert_eq!(run.steps[0].note, "ines skipped it: no access\ndid it");
        assert_eq!((run.steps[0].state, run.steps[0].by.as_deref()), (State::Done, Some("tomas")));
        run.untick(0).unwrap();
        assert_eq!((run.settled(), &*run.steps[0].note), (0, "ines skipped it: no access\ndid it"));
        run.check().unwrap();
    }

    #[test]
    fn it_is_handed_over_and_finished_once() {
        let mut run = run(2);
        assert_eq!(run.hand_over(" ", "ines", at(1), "").unwrap_err().field, "to");
        run.hand_over(" tomas ", "ines", at(1), "shift ends").unwrap();
        run.tick(0, "ana", at(0) - jiff::SignedDuration::from_mins(1), "").unwrap();
        assert_eq!((run.leader(), run.people()), ("tomas", vec!["ines", "tomas", "ana"]));
        assert_eq!(run.finish(at(3), "").unwrap_err().field, "outcome");
        run.finish(at(3), " rolled back ").unwrap();
        run.check().unwrap();
        assert_eq!((run.finished_at, &*run.outcome), (Some(at(3)), "rolled back"));
        for told in [
            run.tick(1, "ines", at(4), ""),
            run.skip(1, "ines", at(4), "why"),
            run.untick(0),
            run.hand_over("ana", "ines", at(4), ""),
            run.finish(at(4), "again"),
        ] {
            assert!(told.unwrap_err().message.contains("finished at 2026-11-20T14:15:00Z"));
        }
    }

    #[test]
    fn a_step_that_is_not_there_is_told() {
        let told = run(2).tick(2, "ines", at(1), "").unwrap_err().message;
        assert_eq!(told, "there is no step 3; the run has 2");
    }
}
