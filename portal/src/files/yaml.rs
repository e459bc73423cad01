//! Small files of YAML, within bounds that no text can burst. How long they are is known to be bounded.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment, Track};
use serde_saphyr::{Error, MessageFormatter as _, UserMessageFormatter, budget::BudgetBreach};

use super::plan::Finding;

const MAX_DEPTH: usize = 16;
const MAX_VALUES: usize = 20_000;
/// As much of what somebody wrote as a message repeats.
const SHOWN: usize = 80;

/// Files are plain trees. Anchors, aliases and merge keys serve nobody here but those who write a short text that grows
/// without end.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_VALUES,
            max_events: 2 * MAX_VALUES,
            max_documents: 1,
            max_aliases: 0,
            max_anchors: 0,
            max_merge_keys: 0,
        },
        strict_booleans: true,
        with_snippet: false,
    }
}

/// Reads a document. `before` is how many lines of the file come before it.
pub(super) fn read<T: DeserializeOwned>(file: &str, text: &str, before: u64) -> Result<T, Finding> {
    let mut track = Track::new();
    let read = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
        T::deserialize(serde_path_to_error::Deserializer::new(deserializer, &mut track))
    });
    read.map_err(|error| finding(file, &error, &track.path(), before))
}

fn finding(file: &str, error: &Error, path: &Path, before: u64) -> Finding {
    let place =
        error.location().map_or((1, 1), |location| (location.line().max(1), location.column().max(1)));
    let at = field(path);
    let (field, message) = match error {
        Error::SerdeMissingField { field, .. } => (member(at, field), "is missing".to_owned()),
        Error::SerdeUnknownField { field, expected, .. } => {
            (member(at, field), format!("is not known; the fields here are {}", expected.join(", ")))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (at, format!("is {:?}; it may be {}", shown(variant), expected.join(", ")))
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => (member(at, key), "is given twice".to_owned()),
        Error::MultipleDocuments { .. } => {
            (String::new(), "a second document begins; write it into a file of its own".to_owned())
        }
        Error::Budget { breach, .. } => (String::new(), too_much(breach)),
        Error::NullIntoString { .. } => (at, "is empty".to_owned()),
        other => (at, format!("cannot be read: {}", shown(&UserMessageFormatter.format_message(other)))),
    };
    Finding { file: file.to_owned(), line: place.0 + before, column: place.1, field, message }
}

fn too_much(breach: &BudgetBreach) -> String {
    match breach {
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } | BudgetBreach::MergeKeys { .. } => {
            "anchors (&), aliases (*) and merge keys (<<) are not accepted; write the text out".to_owned()
        }
        BudgetBreach::Depth { .. } => format!("the file is nested more than {MAX_DEPTH} levels deep"),
        BudgetBreach::Documents { .. } => {
            "a second document begins; write it into a file of its own".to_owned()
        }
        _ => format!("the file has more than {MAX_VALUES} values; split it into several"),
    }
}

/// The path in the author's terms: without what the reader of locations adds.
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

fn member(at: String, key: &str) -> String {
    let key = shown(key);
    match at {
        at if at.is_empty() || at == key => key,
        at if at.ends_with(&format!(".{key}")) => at,
        at => format!("{at}.{key}"),
    }
}

/// Enough of what somebody wrote to recognise it, harmless on a terminal.
pub(super) fn shown(text: &str) -> String {
    let plain = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
    let mut letters = text.chars();
    let mut shown: String = letters.by_ref().take(SHOWN).map(plain).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}
