//! Readiness: how services stand by the checklist, and what people say of its items.
//!
//! The catalog keeps verdicts, levels and judgements in the words of the checklist, and does not judge.

pub(crate) mod answers;
mod assessments;
mod assignments;
mod comments;
mod history;
mod key;
mod record;
pub(crate) mod settings;
pub(crate) mod templates;
mod waivers;

pub use answers::{Answer, AnswerDefinition, AnswerKind, PastAnswer};
pub use assessments::{AssessmentSummary, StoredAssessment};
pub use assignments::{Assignment, AssignmentDefinition};
pub use comments::Comment;
pub use history::{LevelPoint, VerdictChange};
pub use key::ItemKey;
pub use record::{Assessed, ItemChange};
pub use settings::{ServiceSettings, StoredServiceSettings};
pub use templates::{StoredTemplate, TemplateDefinition};
pub use waivers::{StoredWaiver, WaiverApproval, WaiverDefinition, WaiverEnd};

pub(crate) use history::prune;
