//! What is wrong with a text, in words for its author.

use std::fmt::Write as _;

use serde_path_to_error::{Path, Segment};
use serde_saphyr::{Error, MessageFormatter as _, UserMessageFormatter, budget::BudgetBreach};

use crate::{
    Bounds,
    text::{quoted, shown},
};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: u64,
    /// From 1.
    pub column: u64,
    /// The field: `points[0].items[2].level`. Empty where it is about the text as a whole, or the field is not known.
    pub field: String,
    /// What is wrong with it and what is accepted: `is missing`.
    pub message: String,
}

pub(crate) fn told(error: &Error, path: Option<&Path>, bounds: &Bounds) -> Fault {
    let (line, column) =
        error.location().map_or((1, 1), |location| (location.line().max(1), location.column().max(1)));
    let at = path.map(field).unwrap_or_default();
    let what = bounds.what;
    let (field, message) = match error {
        Error::SerdeMissingField { field, .. } => (member(at, field), "is missing".to_owned()),
        Error::SerdeUnknownField { field, expected, .. } => {
            (member(at, field), format!("is not known; the fields here are {}", expected.join(", ")))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (at, format!("is {}; it may be {}", quoted(variant), expected.join(", ")))
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => (member(at, key), "is given twice".to_owned()),
        Error::MultipleDocuments { .. } => (String::new(), too_many_documents(bounds)),
        Error::Budget { breach, .. } => (String::new(), too_much(breach, bounds)),
        Error::NullIntoString { .. } => (at, "is empty".to_owned()),
        Error::Unexpected { expected, .. } if at.is_empty() => {
            (at, format!("the {what} is not {}", wanted(expected)))
        }
        Error::Unexpected { expected, .. } => (at, format!("is not {}", wanted(expected))),
        other if at.is_empty() => (at, format!("the {what} cannot be read: {}", words(other))),
        other => (at, format!("cannot be read: {}", words(other))),
    };
    Fault { line, column, field, message }
}

fn words(error: &Error) -> String {
    shown(&UserMessageFormatter.format_message(error))
}

/// What the reader of YAML expected, in the words of those who write it.
fn wanted(expected: &str) -> &str {
    match expected {
        "sequence start" => "a list",
        "mapping start" => "a group of fields",
        "string scalar" => "a text",
        other => other,
    }
}

fn too_much(breach: &BudgetBreach, bounds: &Bounds) -> String {
    let Bounds { what, depth, values, .. } = bounds;
    match breach {
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } | BudgetBreach::MergeKeys { .. } => {
            "anchors (&), aliases (*) and merge keys (<<) are not accepted; write the text out".to_owned()
        }
        BudgetBreach::Depth { .. } => format!("the {what} is nested more than {depth} levels deep"),
        BudgetBreach::Documents { .. } => too_many_documents(bounds),
        _ => format!("the {what} has more than {values} values; split it into several"),
    }
}

fn too_many_documents(bounds: &Bounds) -> String {
    match (bounds.what, bounds.documents) {
        (what, 1) => format!("a second document begins; one {what} is one document"),
        (what, most) => format!("the {what} has more than {most} documents; split it into several"),
    }
}

/// The path in the author's terms: without what the reader of locations adds, and without what could not be read.
fn field(path: &Path) -> String {
    /// The name under which [`serde_saphyr::Spanned`] reads a value.
    const SPANNED_VALUE: &str = "value";
    let mut field = String::new();
    for segment in path {
        match segment {
            // Writing to a text does not fail.
            Segment::Seq { index } => _ = write!(field, "[{index}]"),
            Segment::Map { key } if key != SPANNED_VALUE => field = member(field, key),
            Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    field
}

/// The path of a key that could not be read may or may not end in it already.
fn member(at: String, key: &str) -> String {
    let key = shown(key);
    match at {
        at if at.is_empty() || at == key => key,
        at if at.ends_with(&format!(".{key}")) => at,
        at => format!("{at}.{key}"),
    }
}
