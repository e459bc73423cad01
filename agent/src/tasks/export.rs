//! Tasks as metrics.

use std::{collections::HashSet, sync::Arc};

use super::{
    clock,
    registry::TASKS,
    slow_polls::{OfPlace, SLOW_POLLS},
    task::Task,
};
use crate::metrics::{Attributes, Registry};

/// Lets every reading of the metrics have the tasks in it.
pub(crate) fn export(registry: &Registry) {
    let tasks = registry.up_down_counter("seaworthy.tasks", "{task}", "Tasks that are alive and tracked.");
    let (shown, not_shown) = (tasks.series([("shown", true)]), tasks.series([("shown", false)]));
    let blocked = registry.up_down_counter(
        "seaworthy.tasks.blocked",
        "{task}",
        "Tasks whose poll has been running for 100 ms.",
    );
    let blocked = blocked.series(());
    let polls =
        registry.counter("seaworthy.task.slow_polls", "{poll}", "Polls of tasks that took 100 ms or longer.");
    let longest = registry.gauge("seaworthy.task.longest_poll", "s", "The longest slow poll of a task.");
    registry.before_reading(move || {
        shown.set(whole(TASKS.shown()));
        not_shown.set(whole(TASKS.not_shown()));
        blocked.set(whole(count_blocked()));
        for place in SLOW_POLLS.read() {
            polls.series(attributes(&place)).advance_to(place.polls);
            longest.series(attributes(&place)).set(place.longest.as_secs_f64());
        }
    });
}

/// Polls that go on count in no other way: they have not ended. A task and its parts are one.
fn count_blocked() -> usize {
    let now = clock::now();
    let is_blocked = |task: &&Arc<Task>| task.slow_poll(now).is_some();
    let (tasks, mut within, mut alone) = (TASKS.all(), HashSet::new(), 0);
    for task in tasks.iter().filter(is_blocked) {
        match task.look_home(|home| home.within).flatten() {
            Some(id) => drop(within.insert(id)),
            None => alone += 1,
        }
    }
    within.len() + alone
}

fn attributes(place: &OfPlace) -> Attributes {
    match (place.spawned_at, &place.label) {
        (Some(at), _) => Attributes::default()
            .with("code.file.path", at.file())
            .with("code.line.number", i64::from(at.line())),
        (None, Some(label)) => Attributes::default().with("seaworthy.task.name", label.clone()),
        (None, None) => Attributes::default(),
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
