//! What the tasks of an instance did.

use serde::Serialize;
use utoipa::ToSchema;

use crate::profiles::{self, Call, Code, Profile};

/// What all tasks of the instance did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TasksView {
    /// How many of the tasks that are alive are seen, in words.
    pub(crate) coverage: String,
    /// Those that run first, then those that wait in code of the service, then the others; each the longest first.
    pub(crate) groups: Vec<TaskGroupView>,
    /// Polls of 100 ms or longer since the process began, by where their tasks come from.
    pub(crate) slow_polls: Vec<SlowPollsView>,
    /// What else the agent has to say, such as why something is not known.
    pub(crate) notes: Vec<String>,
}

/// Tasks of the same origin, state and stack.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TaskGroupView {
    /// How many.
    pub(crate) tasks: u64,
    /// `running`, `woken`, `idle`.
    pub(crate) state: String,
    /// For how long the longest of them has been so.
    pub(crate) longest_nanos: u64,
    /// How often they were polled.
    pub(crate) polls: u64,
    /// How long polls took, together.
    pub(crate) busy_nanos: u64,
    /// Name or type.
    pub(crate) name: String,
    /// `src/orders.rs:52`, empty where unknown.
    pub(crate) spawned_at: String,
    /// Of the longest waiting, empty where it has none.
    pub(crate) trace_id: String,
    /// Where they wait, or run where they have for 100 ms or longer; the innermost call first.
    pub(crate) stack: Vec<CallView>,
}

/// A call that has not returned.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CallView {
    /// The function.
    pub(crate) name: String,
    /// `src/orders.rs:52`, empty where unknown.
    pub(crate) place: String,
    /// Whose code it is.
    pub(crate) code: Code,
}

/// Slow polls of the tasks of one place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SlowPollsView {
    /// How many.
    pub(crate) polls: u64,
    /// How long the longest took.
    pub(crate) longest_nanos: u64,
    /// How long before the profile the latest ended; none from agents of before.
    pub(crate) latest_nanos: Option<u64>,
    /// Name or type of the tasks, and where they are spawned.
    pub(crate) place: String,
}

/// What a profile of tasks tells of them.
pub(super) fn tasks(profile: &Profile) -> TasksView {
    let told = profiles::tasks(profile);
    let call = |Call { name, place, code }: Call| CallView { name, place, code };
    let group = |group: profiles::TaskGroup| TaskGroupView {
        tasks: group.tasks,
        state: group.state,
        longest_nanos: group.longest_nanos,
        polls: group.polls,
        busy_nanos: group.busy_nanos,
        name: group.name,
        spawned_at: group.spawned_at,
        trace_id: group.trace,
        stack: group.stack.into_iter().map(call).collect(),
    };
    let slow = |slow: profiles::SlowPolls| SlowPollsView {
        polls: slow.polls,
        longest_nanos: slow.longest_nanos,
        latest_nanos: slow.latest_nanos,
        place: slow.place,
    };
    TasksView {
        coverage: told.coverage,
        groups: told.groups.into_iter().map(group).collect(),
        slow_polls: told.slow_polls.into_iter().map(slow).collect(),
        notes: told.notes,
    }
}
