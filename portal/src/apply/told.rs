//! A plan, in lines.

use crate::files::{Change, Kind, Plan, What};

/// What files would change, thing by thing.
pub(super) fn plan(plan: &Plan) -> String {
    let mut told = String::new();
    for warning in &plan.warnings {
        told.push_str(&format!("warning: {warning}\n"));
    }
    for change in &plan.changes {
        told.push_str(&line(change));
        for line in change.diff.lines() {
            told.push_str(&format!("    {line}\n"));
        }
    }
    told + &sum(&plan.changes)
}

fn line(Change { kind, name, what, .. }: &Change) -> String {
    let (mark, what) = match what {
        What::Make => ('+', "is made"),
        What::Change => ('~', "is changed"),
        What::Delete => ('-', ended(*kind)),
        What::Keep => ('=', "stays as it is"),
        What::LeaveOut => ('!', "is left out: Seaworthy does not evaluate it"),
    };
    format!("{mark} {} {name} {what}\n", kind.as_str())
}

const fn ended(kind: Kind) -> &'static str {
    match kind {
        Kind::Slo => "is deleted with all its minutes",
        Kind::Runbook => "is deleted with all its versions",
        Kind::Template => "is taken out of use",
        Kind::Service => "is said no more of",
        Kind::Answer => "is taken back",
    }
}

fn sum(changes: &[Change]) -> String {
    let count = |wanted: What| changes.iter().filter(|change| change.what == wanted).count();
    let parts = [
        (What::Make, "to make"),
        (What::Change, "to change"),
        (What::Delete, "to end"),
        (What::Keep, "as they are"),
        (What::LeaveOut, "left out"),
    ];
    let told: Vec<_> = parts
        .iter()
        .map(|(what, words)| (count(*what), words))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if told.is_empty() { "There is nothing in these files.\n".to_owned() } else { told.join(", ") + ".\n" }
}
