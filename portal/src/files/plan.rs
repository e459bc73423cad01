//! What files would change. Pure: the portal makes a plan for whoever asks, and again before it applies one.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Files, which may refer to what others of them say.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Files {
    /// The files.
    pub(crate) files: Vec<File>,
    /// End SLOs, templates, answers and runbooks that came from a file and are in none of these.
    #[serde(default)]
    pub(crate) prune: bool,
    /// The versions that a plan saw, as it told them; refused when they are others by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<BTreeMap<String, String>>,
}

/// A file: OpenSLO, a template or a service in YAML, or a runbook in Markdown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// What mistakes call it. A runbook's ends in `.md`.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) text: String,
}

/// What files would change, or have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FilesPlan)]
pub(crate) struct Plan {
    /// What must be mended first; nothing is changed while there are any.
    pub(crate) mistakes: Vec<Finding>,
    /// What is kept, but does not count as it stands.
    pub(crate) warnings: Vec<Finding>,
    /// What becomes of each thing.
    pub(crate) changes: Vec<Change>,
    /// The versions of what is changed or ended.
    pub(crate) seen: BTreeMap<String, String>,
}

/// Something about a place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FileFinding)]
pub(crate) struct Finding {
    /// The file.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: u64,
    /// The column, from 1.
    pub(crate) column: u64,
    /// The field; empty where it is about the file as a whole.
    pub(crate) field: String,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

/// What becomes of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FilesChange)]
pub(crate) struct Change {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its name among those.
    pub(crate) name: String,
    /// What becomes of it.
    pub(crate) what: What,
    /// From what the portal has to what the files say, as a unified diff; empty where nothing changes.
    pub(crate) diff: String,
}

/// What files can speak of, in the order in which it is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = FilesKind)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A template.
    Template,
    /// Kind, address and owner of a service.
    Service,
    /// The answer to an item of a service.
    Answer,
    /// A runbook.
    Runbook,
    /// An SLO.
    Slo,
}

/// What can become of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = FilesWhat)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// It is made.
    Make,
    /// It is changed.
    Change,
    /// It is ended: an SLO with its minutes and a runbook with its versions are deleted, a template is taken out of use, an
    /// answer is taken back.
    Delete,
    /// It stays as it is.
    Keep,
    /// It is left out, because Seaworthy does not evaluate it.
    LeaveOut,
}

impl Plan {
    /// Whether there is anything to do.
    pub(crate) fn changes_anything(&self) -> bool {
        self.changes.iter().any(|change| !matches!(change.what, What::Keep | What::LeaveOut))
    }
}

impl Kind {
    /// What people call it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Service => "service",
            Self::Answer => "answer",
            Self::Runbook => "runbook",
            Self::Slo => "SLO",
        }
    }
}

impl Finding {
    /// Something at a line of a file.
    pub(super) fn at(file: &str, line: u64, field: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, column: 1, field: field.to_owned(), message: message.into() }
    }
}

impl From<seaworthy_openslo::Problem> for Finding {
    fn from(problem: seaworthy_openslo::Problem) -> Self {
        let seaworthy_openslo::Problem { file, line, column, field, message } = problem;
        Self { file, line, column, field, message }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, field, message } = self;
        match field.as_str() {
            "" => write!(f, "{file}:{line}:{column}: {message}"),
            field => write!(f, "{file}:{line}:{column}: {field}: {message}"),
        }
    }
}
