//! `debug=0`: a profile for `go tool pprof`.

use std::{
    cmp::Reverse,
    time::{Duration, SystemTime},
};

use super::{
    Asked, Coverage, Seen,
    groups::{Group, grouped},
};
use crate::{
    pprof::{Frame, Kind, Label, LabelValue, Profile, Symbol},
    tasks::{
        slow_polls::{OfPlace, SLOW_POLLS},
        stack::Names,
        task::{State, Task},
    },
};

/// The last is shown first: how many tasks, rather than how long they have been as they are.
const KINDS: [Kind; 2] = [Kind { name: "wait", unit: "nanoseconds" }, Kind { name: "tasks", unit: "count" }];

pub(super) fn write(seen: &[Seen], asked: &Asked, coverage: Coverage) -> Option<Vec<u8>> {
    let (mut profile, mut names) = (Profile::new(&KINDS), Names::new());
    profile.set_time(SystemTime::now(), Duration::ZERO);
    profile.comment(&format!("coverage: {coverage}"));
    let (groups, left_out) = grouped(seen, asked);
    let mut slow = SLOW_POLLS.read();
    slow.sort_by_key(|place| Reverse(place.longest));
    slow.iter().for_each(|place| profile.comment(&slow_polls(place)));
    if let Some(why) = &asked.running_unknown {
        profile.comment(&format!("where tasks run is not known: {why}"));
    }
    for group in &groups {
        add(&mut profile, group, frames(group.first, asked, &mut names));
    }
    if left_out > 0 {
        profile.comment(&format!("{left_out} tasks in further groups are left out"));
    }
    profile.encode().ok()
}

fn add(profile: &mut Profile, group: &Group<'_>, frames: Vec<Frame>) {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let nanos = |length: Duration| i64::try_from(length.as_nanos()).unwrap_or(i64::MAX);
    let (first, description) = (group.first, &group.first.task.description);
    let (state, trace) = (first.doings.state.to_string(), description.trace_id().map(|id| id.to_string()));
    let text = |key, value| Label { key, value: LabelValue::Text(value) };
    let number = |key, value, unit| Label { key, value: LabelValue::Number(value, unit) };
    let mut labels = vec![
        text("state", &state),
        number("longest", nanos(group.longest), "nanoseconds"),
        number("busy", nanos(group.busy), "nanoseconds"),
        number("polls", whole(group.polls), "count"),
    ];
    labels.extend(description.name.as_deref().map(|name| text("name", name)));
    // Of the one that has waited the longest.
    labels.extend(trace.as_deref().map(|trace| text("trace", trace)));
    profile.sample(&frames, &[nanos(group.together), whole(group.tasks)], &labels);
}

/// Read by people and by the portal.
fn slow_polls(OfPlace { label, spawned_at, polls, longest, latest }: &OfPlace) -> String {
    let label = label.as_deref().unwrap_or("elsewhere");
    let at = spawned_at.map(|at| format!(", spawned at {at}")).unwrap_or_default();
    let (longest, latest) = (longest.as_nanos(), latest.as_nanos());
    format!("slow polls: {polls}, longest {longest} ns, latest {latest} ns before: {label}{at}")
}

/// Where the task waits or runs first, down to where it was spawned: so that one that tells no stack is there too.
fn frames(Seen { task, doings }: &Seen, asked: &Asked, names: &mut Names) -> Vec<Frame> {
    let runs = doings.state == State::Running;
    let stack = asked.of(task).and_then(|stacks| stacks.iter().next());
    let mut frames = Vec::new();
    for frame in stack.map(|addresses| names.of(addresses, runs)).unwrap_or_default() {
        match frame.is_cut {
            false => frames.push(Frame::Return(frame.address as u64)),
            true => frames.extend(frame.symbols.iter().cloned().map(Frame::Place)),
        }
    }
    frames.push(Frame::Place(origin(task)));
    frames
}

fn origin(task: &Task) -> Symbol {
    let (description, at) = (&task.description, task.description.spawned_at);
    Symbol {
        function: description.label().to_owned(),
        file: at.map(|at| at.file().to_owned()).unwrap_or_default(),
        line: at.map_or(0, |at| at.line()),
        ..Symbol::default()
    }
}
