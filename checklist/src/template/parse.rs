//! From YAML to the shape of a template, within bounds that no text can burst.

use std::fmt::Write as _;

use serde_path_to_error::{Path, Segment, Track};
use serde_saphyr::{Error, MessageFormatter as _, UserMessageFormatter, budget::BudgetBreach};

use super::{
    problem::{Problem, printable, quoted, shown},
    shape::TemplateShape,
};

/// How long the YAML of a template may be, in bytes: some forty times the default one.
pub const MAX_TEMPLATE_BYTES: usize = 1 << 20;

/// Reads the shape of a template; what its values say is not looked at.
pub(super) fn parse(yaml: &str) -> Result<TemplateShape, Problem> {
    if yaml.len() > MAX_TEMPLATE_BYTES {
        let message =
            format!("the template has {} bytes; at most {MAX_TEMPLATE_BYTES} are accepted", yaml.len());
        return Err(Problem { line: 1, field: String::new(), message });
    }
    let mut track = Track::new();
    let read = serde_saphyr::with_deserializer_from_str_with_options(yaml, options(), |deserializer| {
        serde::Deserialize::deserialize(serde_path_to_error::Deserializer::new(deserializer, &mut track))
    });
    read.map_err(|error| problem(&error, &track.path()))
}

/// A template is a plain tree of a few thousand nodes. Anchors, aliases and merge keys serve nobody here but those who
/// write a short text that grows without end.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 16,
            max_nodes: 50_000,
            max_events: 100_000,
            max_documents: 1,
            max_aliases: 0,
            max_anchors: 0,
            max_merge_keys: 0,
        },
        with_snippet: false,
    }
}

fn problem(error: &Error, path: &Path) -> Problem {
    let line = error.location().map_or(1, |location| location.line().max(1));
    let at = field(path);
    let (field, message) = match error {
        Error::SerdeMissingField { field, .. } => (member(at, field), "is missing".to_owned()),
        Error::SerdeUnknownField { field, expected, .. } => {
            (member(at, field), format!("is not known; the fields here are {}", expected.join(", ")))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (at, format!("is {}; it may be {}", quoted(variant), expected.join(", ")))
        }
        Error::MultipleDocuments { .. } => (String::new(), too_many_documents()),
        Error::DuplicateMappingKey { key: Some(key), .. } => (member(at, key), "is given twice".to_owned()),
        Error::Budget { breach, .. } => (String::new(), too_much(breach)),
        Error::NullIntoString { .. } => (at, "is empty".to_owned()),
        Error::Unexpected { expected, .. } if at.is_empty() => {
            (at, format!("the template is not {}", wanted(expected)))
        }
        Error::Unexpected { expected, .. } => (at, format!("is not {}", wanted(expected))),
        other if at.is_empty() => (at, format!("the template cannot be read: {}", what(other))),
        other => (at, format!("cannot be read: {}", what(other))),
    };
    Problem { line, field, message }
}

fn what(error: &Error) -> String {
    printable(&UserMessageFormatter.format_message(error))
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

fn too_much(breach: &BudgetBreach) -> String {
    match breach {
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } | BudgetBreach::MergeKeys { .. } => {
            "anchors (&), aliases (*) and merge keys (<<) are not accepted; write the text out".to_owned()
        }
        BudgetBreach::Depth { .. } => "is nested more than 16 levels deep".to_owned(),
        BudgetBreach::Documents { .. } => too_many_documents(),
        _ => "the template has more than 50000 values".to_owned(),
    }
}

fn too_many_documents() -> String {
    "a second document begins; one template is accepted".to_owned()
}

/// The path in the author's terms: without what the reader of locations adds, and without what could not be read.
fn field(path: &Path) -> String {
    let mut field = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => _ = write!(field, "[{index}]"),
            Segment::Map { key } if key != SPANNED_VALUE => field = member(field, key),
            Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    field
}

/// The name under which [`serde_saphyr::Spanned`] reads a value; no field of a template has it.
const SPANNED_VALUE: &str = "value";

/// The path of a key that could not be read may or may not end in it already.
fn member(at: String, key: &str) -> String {
    let key = shown(key);
    if at.is_empty() || at == key {
        key
    } else if at.ends_with(&format!(".{key}")) {
        at
    } else {
        format!("{at}.{key}")
    }
}
