//! What is missing in a trace or odd about it, in words.

use seaworthy_telemetry::model::Span;

use super::{MOST_ROWS, tree::Tree};

/// What is missing or odd, in words.
pub(super) fn notes(spans: &[Span], tree: &Tree) -> Vec<String> {
    let mut notes = Vec::new();
    if tree.orphans > 0 {
        notes.push(format!(
            "The parents of {} are missing: not sampled, lost, or still on their way. They stand at the top.",
            counted(tree.orphans, "span")
        ));
    }
    if tree.circles > 0 {
        notes.push(format!("{} among its own ancestors; shown at the top.", counted(tree.circles, "span")));
    }
    let skewed = tree
        .children
        .iter()
        .enumerate()
        .flat_map(|(parent, children)| children.iter().map(move |child| (parent, *child)))
        .filter(|(parent, child)| spans[*child].start < spans[*parent].start)
        .filter(|(parent, child)| spans[*child].resource.instance != spans[*parent].resource.instance)
        .count();
    if skewed > 0 {
        notes.push(format!(
            "{} before the parent's start: the clocks of the machines differ. Times are shown as sent.",
            counted(skewed, "span")
        ));
    }
    if spans.len() > MOST_ROWS {
        notes.push(format!("The first {MOST_ROWS} of {} spans are shown.", spans.len()));
    }
    notes
}

/// What the store could not give.
pub(super) fn of_storage(left_out: usize, unreadable: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if left_out > 0 {
        notes.push(format!("About {left_out} more spans have this trace id; so many are not read at once."));
    }
    if unreadable > 0 {
        notes.push(format!(
            "About {} cannot be shown: damaged on disk; the portal's log says where.",
            counted(unreadable, "span")
        ));
    }
    notes
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
