//! A profile of tasks, as the agent writes it: a sample for each group of tasks of the same origin, state and stack.

use std::cmp::Reverse;

use super::{
    code::Code,
    read::{Frame, Profile, Sample},
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
    /// Where they wait or run, the innermost call first. Without that of their origin.
    pub(crate) stack: Vec<Call>,
}

/// A call that has not returned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// The function.
    pub(crate) name: String,
    /// `src/orders.rs:52`, empty where unknown.
    pub(crate) place: String,
    pub(crate) code: Code,
}

/// Polls of 100 ms or longer of the tasks of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SlowPolls {
    pub(crate) polls: u64,
    pub(crate) longest_nanos: u64,
    /// How long before the profile the latest ended.
    pub(crate) latest_nanos: Option<u64>,
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
        let is_own = group.stack.iter().any(|call| call.code == Code::Own);
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
    fn looks(group: &TaskGroup) -> (&str, &str, &str, &[Call]) {
        (&group.name, &group.spawned_at, &group.state, &group.stack)
    }
    // Of those that are joined, the longest is kept, with its trace.
    groups.sort_by(|one, other| {
        looks(one).cmp(&looks(other)).then(other.longest_nanos.cmp(&one.longest_nanos))
    });
    groups.dedup_by(|next, kept| {
        let is_same = looks(next) == looks(kept);
        if is_same {
            kept.tasks = kept.tasks.saturating_add(next.tasks);
            kept.together_nanos = kept.together_nanos.saturating_add(next.together_nanos);
            kept.polls = kept.polls.saturating_add(next.polls);
            kept.busy_nanos = kept.busy_nanos.saturating_add(next.busy_nanos);
        }
        is_same
    });
    groups
}

fn group(profile: &Profile, sample: &Sample, tasks: u64, together_nanos: u64) -> TaskGroup {
    let number = |key: &str| sample.number(key).and_then(|number| u64::try_from(number).ok());
    let call = |frame: &Frame| Call {
        name: profile.function(frame.function).name.clone(),
        place: profile.place(frame),
        code: profile.code(frame.function),
    };
    let mut frames = sample.stack.iter();
    let origin = frames.next().map(call);
    let (name, spawned_at) = origin.map(|origin| (origin.name, origin.place)).unwrap_or_default();
    let stack = frames.rev().map(call).collect();
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

/// `slow polls: 3, longest 1200000000 ns, latest 40000000 ns before: brew, spawned at src/bar.rs:12`. Agents of before do not tell the latest.
fn slow_polls(comment: &str) -> Option<SlowPolls> {
    let (polls, rest) = comment.strip_prefix("slow polls: ")?.split_once(", longest ")?;
    let (times, place) = rest.split_once(": ")?;
    let (longest, latest) = times.split_once(", latest ").unzip();
    let nanos = |text: &str| text.split_once(" ns")?.0.parse().ok();
    Some(SlowPolls {
        polls: polls.parse().ok()?,
        longest_nanos: nanos(longest.unwrap_or(times))?,
        latest_nanos: latest.and_then(nanos),
        place: place.to_owned(),
    })
}
