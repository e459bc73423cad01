//! From the text of a rule to its syntax tree.

use cel::{
    IdedExpr,
    parser::{ParseErrors, PrattParser},
};

use super::bounds::{MAX_RULE_BYTES, MAX_RULE_DEPTH};

/// Parses, on a bounded stack: what the parser does not bound itself the length of the text bounds.
pub(super) fn parse(text: &str) -> Result<IdedExpr, String> {
    if text.len() > MAX_RULE_BYTES {
        return Err(format!("has {} bytes; at most {MAX_RULE_BYTES} are accepted", text.len()));
    }
    PrattParser::new()
        .max_recursion_depth(MAX_RULE_DEPTH)
        .error_recovery_limit(1)
        .parse(text)
        .map_err(|errors| said(text, &errors))
}

fn said(text: &str, errors: &ParseErrors) -> String {
    if errors.errors.iter().any(|error| error.msg.contains("recursion limit")) {
        return super::bounds::too_deep();
    }
    // That it gave up is said first, and says nothing.
    let placed = errors.errors.iter().find(|error| error.pos.0 > 0);
    let Some(first) = placed.or(errors.errors.first()) else { return "cannot be read".to_owned() };
    let what = first.msg.trim_start_matches("Syntax error: ");
    match first.pos {
        (1.., column) if text.lines().nth(1).is_none() => {
            format!("cannot be read at column {column}: {what}")
        }
        (line @ 1.., column) => format!("cannot be read at its line {line}, column {column}: {what}"),
        _ => format!("cannot be read: {what}"),
    }
}
