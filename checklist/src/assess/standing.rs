//! The level that a service has reached, and how much of the checklist it passes.

use serde::Serialize;

use super::{Assessment, By, Judgement, Verdict};
use crate::Level;

/// How many items pass, of those that apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The items that apply.
    pub applicable: usize,
    /// Those that pass, proved or claimed.
    pub passing: usize,
    /// Those that pass by evidence.
    pub proved: usize,
    /// Those that pass by a person's answer.
    pub claimed: usize,
    /// Those that are waived; they do not pass.
    pub waived: usize,
}

impl Share {
    /// Of these judgements: all of an assessment, or those of a point.
    pub fn of<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Self {
        let judgements: Vec<_> = judgements.into_iter().collect();
        let count = |counts: &dyn Fn(&Judgement) -> bool| {
            judgements.iter().filter(|judgement| counts(judgement)).count()
        };
        let passes_by = |by| count(&|judgement| (judgement.verdict, judgement.by) == (Verdict::Pass, by));
        let (proved, claimed) = (passes_by(By::Evidence), passes_by(By::Answer));
        Self {
            applicable: count(&|judgement| judgement.verdict != Verdict::NotApplicable),
            passing: proved + claimed,
            proved,
            claimed,
            waived: count(&|judgement| judgement.verdict == Verdict::Waived),
        }
    }

    /// Whole percents of the applicable items that pass, rounded down, so that 100 is all; none where none applies.
    pub fn percent(&self) -> Option<usize> {
        (self.passing * 100).checked_div(self.applicable)
    }
}

/// The highest level that nothing keeps the service from.
pub(super) fn level(judgements: &[Judgement]) -> Option<Level> {
    let lowest_open = judgements
        .iter()
        .filter(|judgement| !judgement.verdict.holds())
        .map(|judgement| judgement.level)
        .min();
    Level::ALL.into_iter().filter(|level| lowest_open.is_none_or(|open| *level < open)).max()
}

/// The level of a service that several templates are for: the lowest that it has by any. None below bronze, and where there is
/// no template.
pub fn lowest<'a>(assessments: impl IntoIterator<Item = &'a Assessment>) -> Option<Level> {
    assessments.into_iter().map(|assessment| assessment.level).min().flatten()
}
