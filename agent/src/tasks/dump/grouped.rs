//! `debug=1`: tasks of the same origin and state together.

use std::{collections::HashMap, fmt::Write, panic::Location, time::Duration};

use super::{Seen, State, length::Length};

/// Groups that are written. Names that are made from data could make as many as there are tasks.
const MOST_GROUPS: usize = 2_000;

/// What the tasks of a group have in common.
#[derive(PartialEq, Eq, Hash)]
struct Origin<'a> {
    state: State,
    name: Option<&'a str>,
    type_name: &'static str,
    spawned_at: Option<&'static Location<'static>>,
}

#[derive(Default)]
struct Group {
    tasks: u64,
    longest: Duration,
    polls: u64,
    busy: Duration,
}

/// In the order of what was seen: each group stands where its first task would.
pub(super) fn write(text: &mut String, seen: Vec<Seen>) {
    let (mut groups, mut places, mut left_out) = (Vec::<(Origin<'_>, Group)>::new(), HashMap::new(), 0);
    for seen in &seen {
        let at = *places.entry(origin(seen)).or_insert(groups.len());
        if at == groups.len() && at < MOST_GROUPS {
            groups.push((origin(seen), Group::default()));
        }
        match groups.get_mut(at) {
            Some((_, group)) => group.add(seen),
            None => left_out += 1,
        }
    }
    groups.iter().for_each(|(origin, group)| group.write(text, origin));
    if left_out > 0 {
        let _ = writeln!(text, "\n{left_out} tasks in groups beyond the {MOST_GROUPS} above");
    }
}

fn origin(seen: &Seen) -> Origin<'_> {
    let description = &seen.task.description;
    Origin {
        state: seen.doings.state,
        name: description.name.as_deref(),
        type_name: description.type_name,
        spawned_at: description.spawned_at,
    }
}

impl Group {
    fn add(&mut self, seen: &Seen) {
        self.tasks += 1;
        self.longest = self.longest.max(seen.doings.since);
        self.polls = self.polls.saturating_add(seen.doings.polls);
        self.busy = self.busy.saturating_add(seen.doings.busy);
    }

    fn write(&self, text: &mut String, origin: &Origin<'_>) {
        let Self { tasks, longest, polls, busy } = *self;
        let (state, longest, busy) = (origin.state, Length(longest), Length(busy));
        let _ = writeln!(text, "\n{tasks} {state}, longest {longest}; {polls} polls, busy {busy}");
        let _ = origin.name.map(|name| writeln!(text, "  name: {name}"));
        let _ = writeln!(text, "  type: {}", origin.type_name);
        let _ = origin.spawned_at.map(|at| writeln!(text, "  spawned at {at}"));
    }
}
