//! What to do when something is wrong.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Body;
use crate::{Mistake, mistake::Mistakes};

/// A runbook. Its title and service stand beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// What it says, in Markdown, at most 128 KiB.
    pub markdown: String,
    /// When somebody last found it right; none where nobody has since it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_at: Option<Timestamp>,
    /// Who that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<String>,
}

impl Body for Runbook {
    const KIND: &'static str = "runbook";

    fn check(&self) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        mistakes.expect(!self.markdown.trim().is_empty(), "markdown", || {
            "the runbook is empty; write what to do first, for example \"- [ ] Acknowledge the alert\""
                .to_owned()
        });
        mistakes.page("markdown", &self.markdown);
        mistakes.some_line("reviewed_by", self.reviewed_by.as_deref(), "ines");
        let reviewed = (self.reviewed_at.is_some(), self.reviewed_by.is_some());
        mistakes.expect(reviewed != (true, false), "reviewed_by", || {
            "it was reviewed, but by nobody; say by whom".to_owned()
        });
        mistakes.expect(reviewed != (false, true), "reviewed_at", || {
            "somebody reviewed it, but never; say when".to_owned()
        });
        mistakes.done()
    }

    fn at(&self) -> Option<Timestamp> {
        self.reviewed_at
    }

    fn is_open(&self) -> bool {
        false
    }
}
