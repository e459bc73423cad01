//! The commands that were heard of, and how far each has come.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use seaworthy_protocol::{CommandReport, ReportedState};

/// Commands that are done at once.
const MOST_UNDERWAY: usize = 8;
/// Commands that are remembered; of more, the oldest that are over are forgotten.
const MOST_KNOWN: usize = 64;

/// How far a command has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It is looked at what happens, for so long since then.
    Looking(Instant, Duration),
    /// The profile is on its way.
    Sending,
    Done,
    Failed(String),
    NotUnderstood,
}

#[derive(Debug)]
struct Entry {
    progress: Progress,
    /// Whether the portal has heard how it ended.
    is_told: bool,
}

/// The commands that were heard of.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<u64, Entry>);

impl Known {
    /// Whether nothing is known of it. Where it is asked again, the portal has not heard what became of it.
    pub(super) fn is_new(&mut self, id: u64) -> bool {
        match self.0.get_mut(&id) {
            Some(entry) => {
                entry.is_told = false;
                false
            }
            None => true,
        }
    }

    /// Begins one, unless there are too many; says whether it does.
    pub(super) fn begin(&mut self, id: u64, length: Duration) -> bool {
        let underway = self.0.values().filter(|entry| !entry.progress.is_over()).count();
        if underway >= MOST_UNDERWAY {
            self.end(id, Progress::Failed(format!("{underway} commands are underway already")));
            return false;
        }
        self.end(id, Progress::Looking(Instant::now(), length));
        true
    }

    /// Notes how far one has come.
    pub(super) fn end(&mut self, id: u64, progress: Progress) {
        self.0.insert(id, Entry { progress, is_told: false });
        let over = |entry: &Entry| entry.progress.is_over() && entry.is_told;
        while self.0.len() > MOST_KNOWN
            && let Some(oldest) = self.0.iter().find(|(_, entry)| over(entry)).map(|(id, _)| *id)
        {
            self.0.remove(&oldest);
        }
    }

    /// Whether something is underway.
    pub(super) fn is_busy(&self) -> bool {
        self.0.values().any(|entry| !entry.progress.is_over())
    }

    pub(super) fn reports(&self) -> Vec<CommandReport> {
        let to_tell = self.0.iter().filter(|(_, entry)| !entry.is_told);
        to_tell.map(|(id, entry)| entry.progress.report(*id)).collect()
    }

    /// These were heard. What has ended since is yet to be.
    pub(super) fn told(&mut self, reports: &[CommandReport]) {
        for report in reports {
            if let Some(entry) = self.0.get_mut(&report.id) {
                entry.is_told = entry.progress.is_over() && report.state == entry.progress.state();
            }
        }
    }

    /// What is underway will not be done.
    pub(super) fn give_up(&mut self) {
        for entry in self.0.values_mut().filter(|entry| !entry.progress.is_over()) {
            entry.progress = Progress::Failed("the instance ended meanwhile".to_owned());
        }
    }
}

impl Progress {
    const fn is_over(&self) -> bool {
        !matches!(self, Self::Looking(..) | Self::Sending)
    }

    const fn state(&self) -> ReportedState {
        match self {
            Self::Looking(..) | Self::Sending => ReportedState::Underway,
            Self::Done => ReportedState::Done,
            Self::Failed(_) => ReportedState::Failed,
            Self::NotUnderstood => ReportedState::NotUnderstood,
        }
    }

    fn report(&self, id: u64) -> CommandReport {
        let (percent, detail) = match self {
            Self::Looking(since, length) => (Some(share(since.elapsed(), *length)), "looking".to_owned()),
            Self::Sending => (Some(99), "sending the profile".to_owned()),
            Self::Failed(why) => (None, why.clone()),
            Self::Done | Self::NotUnderstood => (None, String::new()),
        };
        CommandReport { id, state: self.state(), percent, detail }
    }
}

/// In percent. The rest is for finding names and sending.
fn share(of: Duration, length: Duration) -> u8 {
    const MOST: f64 = 95.0;
    if length.is_zero() { 0 } else { (of.as_secs_f64() / length.as_secs_f64() * MOST).min(MOST) as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(known: &Known) -> Vec<(u64, ReportedState)> {
        known.reports().into_iter().map(|report| (report.id, report.state)).collect()
    }

    #[test]
    fn an_end_is_told_until_it_is_heard_and_again_when_asked_again() {
        let mut known = Known::default();
        assert!(known.is_new(7) && known.begin(7, Duration::from_secs(10)) && known.is_busy());
        let underway = known.reports();
        assert_eq!((underway[0].state, underway[0].percent), (ReportedState::Underway, Some(0)));
        known.end(7, Progress::Done);
        known.told(&underway);
        assert_eq!(states(&known), [(7, ReportedState::Done)], "it ended while that was on its way");
        known.told(&known.reports());
        assert!(states(&known).is_empty() && !known.is_busy());
        assert!(!known.is_new(7));
        assert_eq!(states(&known), [(7, ReportedState::Done)]);
    }

    #[test]
    fn so_many_at_once_and_no_more() {
        let mut known = Known::default();
        let begun = (0..100).filter(|id| known.begin(*id, Duration::ZERO)).count();
        assert_eq!(begun, MOST_UNDERWAY);
        known.told(&known.reports());
        for id in 100..200 {
            known.end(id, Progress::Done);
            known.told(&known.reports());
        }
        assert!(known.0.len() <= MOST_KNOWN, "{}", known.0.len());
        known.give_up();
        assert_eq!(states(&known).len(), MOST_UNDERWAY, "what was underway failed, and is told");
    }

    #[test]
    fn progress_is_a_share_of_the_length() {
        let seconds = Duration::from_secs;
        for (of, length, expected) in [(0, 10, 0), (5, 10, 47), (10, 10, 95), (99, 10, 95), (1, 0, 0)] {
            assert_eq!(share(seconds(of), seconds(length)), expected);
        }
    }
}
