//! A profile of tasks, as the agent writes it: a sample for each group of tasks of the same origin, state and stack.

use std::{cmp::Reverse, collections::HashMap};

use super::{
    code::Code,
    read::{Profile, Sample},
};

/// What all tasks of an instance did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tasks {
    /// Those that run first, then those that wait in code of the service, then the others; each the longest first.
    pub(crate) groups: Vec<TaskGroup>,
    /// How many of the tasks that are alive are seen, in words.
    pub(crate) coverage: String,
    /// The longest first.
    pub(crate) slow_polls: Vec<SlowPolls>,
    /// What else is told, in words.
    pub(crate) notes: Vec<String>,
}

/// Tasks of the same origin, state and stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaskGroup {
    pub(crate) tasks: u64,
    /// `running`, `woken`, `idle`.
    pub(crate) state: String,
    /// For how long the longest of them has been so.
    pub(crate) longest_nanos: u64,
    /// For how long all of them have been so, together.
    pub(crate) together_nanos: u64,
    pub(crate) polls: u64,
    pub(crate) busy_nanos: u64,
    /// Their name, or type.
    pub(crate) name: String,
    /// `src/orders.rs:52`, empty where unknown.
    pub(crate) spawned_at: String,
    /// Of the longest waiting, empty where it has none.
    pub(crate) trace: String,
    /// Where they wait, the innermost call first, each with file and line. Without that of their origin.
    pub(crate) stack: Vec<(String, String)>,
}

/// Polls of 100 ms or longer of the tasks of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SlowPolls {
    pub(crate) polls: u64,
    pub(crate) longest_nanos: u64,
    /// Name or type of the tasks, and where they are spawned.
    pub(crate) place: String,
}

/// What a profile of tasks tells.
pub(crate) fn tasks(profile: &Profile) -> Tasks {
    let of = |name: &str| profile.types.iter().position(|of| of.name == name);
    let (count, wait) = (of("tasks"), of("wait"));
    let value = |sample: &Sample, of: Option<usize>| {
        let value = of.and_then(|of| sample.values.get(of)).copied().unwrap_or_default();
        u64::try_from(value).unwrap_or_default()
    };
    let group = |sample: &Sample| {
        let tasks = value(sample, count);
        group(profile, sample, tasks, value(sample, wait))
    };
    let mut told = Tasks { groups: joined(profile.samples.iter().map(group).collect()), ..Tasks::default() };
    told.groups.sort_by_cached_key(|group| {
        let is_own = group.stack.iter().any(|(name, place)| Code::of(name, place) == Code::Own);
        (group.state != "running", !is_own, Reverse(group.longest_nanos))
    });
    for comment in &profile.comments {
        match (comment.strip_prefix("coverage: "), slow_polls(comment)) {
            (Some(coverage), _) => told.coverage = coverage.to_owned(),
            (None, Some(slow)) => told.slow_polls.push(slow),
            (None, None) => told.notes.push(comment.clone()),
        }
    }
    told.slow_polls.sort_by_key(|slow| Reverse(slow.longest_nanos));
    told
}

/// Groups that differ only by what people do not see: one function has several places at a line.
fn joined(mut groups: Vec<TaskGroup>) -> Vec<TaskGroup> {
    // Trace and times are those of the longest.
    groups.sort_by_key(|group| Reverse(group.longest_nanos));
    let mut joined: Vec<TaskGroup> = Vec::new();
    let mut known = HashMap::new();
    for group in groups {
        let key = (group.name.clone(), group.spawned_at.clone(), group.state.clone(), group.stack.clone());
        let at = *known.entry(key).or_insert(joined.len());
        let Some(same) = joined.get_mut(at) else {
            joined.push(group);
            continue;
        };
        same.tasks = same.tasks.saturating_add(group.tasks);
        same.together_nanos = same.together_nanos.saturating_add(group.together_nanos);
        same.polls = same.polls.saturating_add(group.polls);
        same.busy_nanos = same.busy_nanos.saturating_add(group.busy_nanos);
    }
    joined
}

fn group(profile: &Profile, sample: &Sample, tasks: u64, together_nanos: u64) -> TaskGroup {
    let number = |key: &str| sample.number(key).and_then(|number| u64::try_from(number).ok());
    let named =
        |frame: &super::read::Frame| (profile.function(frame.function).name.clone(), profile.place(frame));
    let mut frames = sample.stack.iter().map(named);
    let (name, spawned_at) = frames.next().unwrap_or_default();
    let mut stack: Vec<_> = frames.collect();
    stack.reverse();
    TaskGroup {
        tasks,
        state: sample.text("state").unwrap_or_default().to_owned(),
        // Agents of before tell the sum alone.
        longest_nanos: number("longest").unwrap_or(together_nanos / tasks.max(1)),
        together_nanos,
        polls: number("polls").unwrap_or_default(),
        busy_nanos: number("busy").unwrap_or_default(),
        name,
        spawned_at,
        trace: sample.text("trace").unwrap_or_default().to_owned(),
        stack,
    }
}

/// `slow polls: 3, longest 1200000000 ns: brew, spawned at src/bar.rs:12`.
fn slow_polls(comment: &str) -> Option<SlowPolls> {
    let (polls, rest) = comment.strip_prefix("slow polls: ")?.split_once(", longest ")?;
    let (longest, place) = rest.split_once(" ns: ")?;
    Some(SlowPolls {
        polls: polls.parse().ok()?,
        longest_nanos: longest.parse().ok()?,
        place: place.to_owned(),
    })
}
