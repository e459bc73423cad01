//! `debug=2`: a block for each task.

use std::fmt::Write;

use super::{Seen, length::Length};

/// Tasks that are written: those that run, and those that wait the longest.
const MOST_TASKS: usize = 10_000;

pub(super) fn write(text: &mut String, seen: Vec<Seen>) {
    seen.iter().take(MOST_TASKS).for_each(|seen| block(text, seen));
    if let Some(left_out) = seen.len().checked_sub(MOST_TASKS).filter(|left_out| *left_out > 0) {
        let _ = writeln!(text, "\n{left_out} more tasks; debug=1 shows all in groups");
    }
}

fn block(text: &mut String, Seen { task, doings }: &Seen) {
    let description = &task.description;
    let (since, age, busy) = (Length(doings.since), Length(doings.age), Length(doings.busy));
    let _ = writeln!(
        text,
        "\ntask {} [{}, {since}]: alive for {age}, {} polls, busy {busy}",
        task.id, doings.state, doings.polls
    );
    let _ = description.name.as_ref().map(|name| writeln!(text, "  name: {name}"));
    let _ = writeln!(text, "  type: {}", description.type_name);
    let _ = description.spawned_at.map(|at| writeln!(text, "  spawned at {at}"));
    let _ = description.trace_id.map(|id| writeln!(text, "  trace {id}"));
}
