//! Readiness: how services stand by the checklist, and what people say of its items.
//!
//! The catalog keeps verdicts, levels and judgements in the words of the checklist, and does not judge.

mod assessments;
mod history;
mod record;
mod templates;

pub use assessments::{AssessmentSummary, StoredAssessment};
pub use history::{LevelPoint, VerdictChange};
pub use record::{Assessed, ItemChange};
pub use templates::{StoredTemplate, TemplateDefinition};

pub(crate) use history::prune;
