//! How a service stands, to take along: as Markdown and as CSV. Pure.

mod csv;
mod markdown;

pub(crate) use self::{csv::csv, markdown::markdown};

use seaworthy_checklist::{By, Verdict};

use crate::view::readiness::Judged;

/// What an item is called: a pass is proved or claimed, all else is the verdict.
fn word(judged: &Judged) -> &'static str {
    match (judged.verdict, judged.by) {
        (Verdict::Pass, By::Evidence) => "proved",
        (Verdict::Pass, By::Answer) => "claimed",
        (verdict, _) => verdict.as_str(),
    }
}
