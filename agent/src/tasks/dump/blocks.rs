//! `debug=2`: a block for each task.

use std::fmt::Write;

use super::{Seen, StackTexts};
use crate::length::Length;
use crate::tasks::registry::TASKS;

/// Tasks that are written: those that run, and those that wait the longest.
pub(super) const MOST_TASKS: usize = 10_000;
/// Bytes after which no further task is written.
const MOST_BYTES: usize = 16 << 20;

pub(super) fn write(text: &mut String, seen: &[Seen], stacks: &mut StackTexts<'_>) {
    let mut written = 0;
    for seen in seen {
        if text.len() > MOST_BYTES {
            break;
        }
        block(text, seen);
        text.push_str(&stacks.of(seen));
        written += 1;
    }
    let left_out = TASKS.shown().saturating_sub(written);
    if written == MOST_TASKS || written < seen.len() {
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
    let _ = description.name.as_ref().map(|name| writeln!(text, "  name: {}", &**name));
    let _ = writeln!(text, "  type: {}", description.type_name);
    let _ = description.spawned_at.map(|at| writeln!(text, "  spawned at {at}"));
    let _ = description.trace_id().map(|id| writeln!(text, "  trace {id}"));
}
