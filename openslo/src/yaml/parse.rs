//! From YAML to trees, within bounds that no text can burst.

use serde_saphyr::{Error, MessageFormatter as _, UserMessageFormatter, budget::BudgetBreach};

use super::{
    Node, Position,
    problem::{Problem, shown},
};

/// How long a file may be, in bytes: some hundreds of SLOs.
pub const MAX_FILE_BYTES: usize = 1 << 20;

const MAX_DEPTH: usize = 32;
const MAX_VALUES: usize = 50_000;
const MAX_DOCUMENTS: usize = 1_000;

/// The documents of a file, without those in which nothing stands.
pub(crate) fn documents(file: &str, yaml: &str) -> Result<Vec<Node>, Problem> {
    let problem = |Position { line, column }, message| Problem {
        file: file.to_owned(),
        line,
        column,
        field: String::new(),
        message,
    };
    let begin = Position { line: 1, column: 1 };
    if yaml.len() > MAX_FILE_BYTES {
        let message = format!(
            "the file has {} bytes; at most {MAX_FILE_BYTES} are accepted, so split it into several",
            yaml.len()
        );
        return Err(problem(begin, message));
    }
    let nodes: Vec<Node> = serde_saphyr::from_multiple_with_options(yaml, options())
        .map_err(|error| problem(error.location().map_or(begin, Position::from), message(&error)))?;
    Ok(nodes.into_iter().filter(|node| !node.is_null()).collect())
}

/// SLOs are plain trees. Anchors, aliases and merge keys serve nobody here but those who write a short text that grows
/// without end.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_VALUES,
            max_events: 2 * MAX_VALUES,
            max_documents: MAX_DOCUMENTS,
            max_aliases: 0,
            max_anchors: 0,
            max_merge_keys: 0,
        },
        strict_booleans: true,
        with_snippet: false,
    }
}

fn message(error: &Error) -> String {
    match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("{:?} is given twice", shown(key)),
        Error::Budget { breach, .. } => too_much(breach),
        other => format!("this is no YAML: {}", shown(&UserMessageFormatter.format_message(other))),
    }
}

fn too_much(breach: &BudgetBreach) -> String {
    match breach {
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } | BudgetBreach::MergeKeys { .. } => {
            "anchors (&), aliases (*) and merge keys (<<) are not accepted; write the text out, or refer to an object by its name"
                .to_owned()
        }
        BudgetBreach::Depth { .. } => format!("the file is nested more than {MAX_DEPTH} levels deep"),
        BudgetBreach::Documents { .. } => {
            format!("the file has more than {MAX_DOCUMENTS} documents; split it into several")
        }
        _ => format!("the file has more than {MAX_VALUES} values; split it into several"),
    }
}
