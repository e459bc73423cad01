//! `debug=1`: tasks of the same origin, state and stack together.

use std::fmt::Write;

use super::{
    Seen, StackTexts,
    groups::{Group, MOST_GROUPS, grouped},
};
use crate::length::Length;

/// In the order of what was seen: each group stands where its first task would.
pub(super) fn write(text: &mut String, seen: &[Seen], stacks: &mut StackTexts<'_>) {
    let (groups, left_out) = grouped(seen, stacks.asked());
    groups.iter().for_each(|group| write_group(text, group, stacks));
    if left_out > 0 {
        let _ = writeln!(text, "\n{left_out} tasks in groups beyond the {MOST_GROUPS} above");
    }
}

fn write_group(text: &mut String, group: &Group<'_>, stacks: &mut StackTexts<'_>) {
    let Group { first, tasks, longest, polls, busy, .. } = *group;
    let (state, longest, busy) = (first.doings.state, Length(longest), Length(busy));
    let description = &first.task.description;
    let _ = writeln!(text, "\n{tasks} {state}, longest {longest}; {polls} polls, busy {busy}");
    let _ = description.name.as_ref().map(|name| writeln!(text, "  name: {}", &**name));
    let _ = writeln!(text, "  type: {}", description.type_name);
    let _ = description.spawned_at.map(|at| writeln!(text, "  spawned at {at}"));
    text.push_str(&stacks.of(first));
}
