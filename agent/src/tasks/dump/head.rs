//! What a dump begins with: how much of the process it shows, and which polls were slow.

use std::fmt::Write;

use super::Coverage;
use crate::length::Length;
use crate::tasks::{
    registry::MOST_TASKS,
    slow_polls::{OfPlace, SLOW_POLLS},
};

pub(super) fn write(text: &mut String, coverage: Coverage, shown: usize, not_shown: usize) {
    let _ = writeln!(text, "tasks: {shown} shown");
    if not_shown > 0 {
        let _ = writeln!(text, "not shown: {not_shown} beyond the limit of {MOST_TASKS}");
    }
    let _ = writeln!(text, "coverage: {coverage}");
    slow_polls(text, SLOW_POLLS.read());
}

fn slow_polls(text: &mut String, mut places: Vec<OfPlace>) {
    let polls: u64 = places.iter().map(|place| place.polls).sum();
    let _ = writeln!(text, "polls of 100 ms or longer: {polls}");
    places.sort_by_key(|place| std::cmp::Reverse(place.longest));
    for OfPlace { label, spawned_at, polls, longest, latest } in places {
        let label = label.as_deref().unwrap_or("elsewhere");
        let _ = write!(text, "  {polls}, longest {}: {label}", Length(longest));
        let _ = spawned_at.map(|at| write!(text, ", spawned at {at}"));
        let _ = writeln!(text, ", the latest {} ago", Length(latest));
    }
}
