//! `debug=0`: a profile for `go tool pprof`.

use std::time::{Duration, SystemTime};

use super::{
    Asked, Coverage, Seen,
    groups::{Group, grouped},
};
use crate::{
    pprof::{Frame, Kind, Label, LabelValue, Profile, Symbol},
    tasks::{stack::Names, task::Task},
};

/// The last is shown first: how many tasks, rather than how long they have been as they are.
const KINDS: [Kind; 2] = [Kind { name: "wait", unit: "nanoseconds" }, Kind { name: "tasks", unit: "count" }];

pub(super) fn write(seen: &[Seen], asked: &Asked, coverage: Coverage) -> Option<Vec<u8>> {
    let (mut profile, mut names) = (Profile::new(&KINDS), Names::new());
    profile.set_time(SystemTime::now(), Duration::ZERO);
    profile.comment(&format!("coverage: {coverage}"));
    let (groups, left_out) = grouped(seen, asked);
    for group in &groups {
        add(&mut profile, group, frames(&group.first.task, asked, &mut names));
    }
    if left_out > 0 {
        profile.comment(&format!("{left_out} tasks in further groups are left out"));
    }
    profile.encode().ok()
}

fn add(profile: &mut Profile, group: &Group<'_>, frames: Vec<Frame>) {
    let wait = i64::try_from(group.together.as_nanos()).unwrap_or(i64::MAX);
    let tasks = i64::try_from(group.tasks).unwrap_or(i64::MAX);
    let state = group.first.doings.state.to_string();
    let mut labels = vec![Label { key: "state", value: LabelValue::Text(&state) }];
    let name = group.first.task.description.name.as_deref();
    labels.extend(name.map(|name| Label { key: "name", value: LabelValue::Text(name) }));
    profile.sample(&frames, &[wait, tasks], &labels);
}

/// Where the task waits first, down to where it was spawned: so that one that tells no stack is there too.
fn frames(task: &Task, asked: &Asked, names: &mut Names) -> Vec<Frame> {
    let stack = asked.of(task).and_then(|stacks| stacks.iter().next());
    let mut frames = Vec::new();
    for frame in stack.map(|addresses| names.of(addresses)).unwrap_or_default() {
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
