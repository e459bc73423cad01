//! Tasks of the same origin, state and stack together.

use std::{collections::HashMap, panic::Location, sync::Arc, time::Duration};

use super::{Asked, Seen, State};
use crate::tasks::stack::Stacks;

/// Groups that are kept. Names that are made from data could make as many as there are tasks.
pub(super) const MOST_GROUPS: usize = 2_000;

/// Tasks that have in common what their first one tells.
pub(super) struct Group<'a> {
    pub(super) first: &'a Seen,
    pub(super) tasks: u64,
    /// Longest and sum of how long they have been as they are.
    pub(super) longest: Duration,
    pub(super) together: Duration,
    pub(super) polls: u64,
    pub(super) busy: Duration,
}

#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    state: State,
    name: Option<&'a str>,
    type_name: &'static str,
    spawned_at: Option<&'static Location<'static>>,
    /// What is the same is at the same address.
    stacks: Option<*const Stacks>,
}

/// The groups, each where its first task was, and how many tasks are in further ones.
pub(super) fn grouped<'a>(seen: &'a [Seen], asked: &Asked) -> (Vec<Group<'a>>, u64) {
    let (mut groups, mut places, mut left_out) = (Vec::<Group<'_>>::new(), HashMap::new(), 0);
    for seen in seen {
        let next = groups.len();
        let at = match places.get(&key(seen, asked)) {
            Some(at) => *at,
            None if next < MOST_GROUPS => {
                places.insert(key(seen, asked), next);
                groups.push(Group::new(seen));
                next
            }
            None => {
                left_out += 1;
                continue;
            }
        };
        if let Some(group) = groups.get_mut(at) {
            group.add(seen);
        }
    }
    (groups, left_out)
}

fn key<'a>(seen: &'a Seen, asked: &Asked) -> Key<'a> {
    let description = &seen.task.description;
    Key {
        state: seen.doings.state,
        name: description.name.as_deref(),
        type_name: description.type_name,
        spawned_at: description.spawned_at,
        stacks: asked.of(&seen.task).map(Arc::as_ptr),
    }
}

impl<'a> Group<'a> {
    fn new(first: &'a Seen) -> Self {
        let zero = Duration::ZERO;
        Self { first, tasks: 0, longest: zero, together: zero, polls: 0, busy: zero }
    }

    fn add(&mut self, seen: &Seen) {
        self.tasks += 1;
        self.longest = self.longest.max(seen.doings.since);
        self.together = self.together.saturating_add(seen.doings.since);
        self.polls = self.polls.saturating_add(seen.doings.polls);
        self.busy = self.busy.saturating_add(seen.doings.busy);
    }
}
