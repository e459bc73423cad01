//! How many of the tasks that are alive are seen.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use tokio::runtime::{Handle, Id};

use super::task::Task;

/// What part of the tasks of the runtimes that are known is tracked, or has a part that is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    pub(super) tracked: usize,
    pub(super) alive: usize,
}

impl Coverage {
    /// As these tasks tell it: a runtime is known by the tasks that it polls.
    pub(super) fn of(tasks: &[Arc<Task>]) -> Self {
        let (mut runtimes, mut tracked) = (HashMap::<Id, Handle>::new(), HashSet::new());
        for task in tasks {
            task.look_home(|home| {
                let Some(runtime) = &home.runtime else { return };
                tracked.extend(home.within);
                runtimes.entry(runtime.id()).or_insert_with(|| runtime.clone());
            });
        }
        let alive = runtimes.values().map(|runtime| runtime.metrics().num_alive_tasks()).sum();
        // Runtimes do not count the tasks of a `LocalSet`, and tasks may have ended since.
        Self { tracked: tracked.len(), alive: std::cmp::max(alive, tracked.len()) }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tracked, alive } = *self;
        if alive == 0 {
            return f.write_str("no runtime is known");
        }
        let share = tracked as f64 / alive as f64 * 100.0;
        write!(f, "{tracked} of {alive} tokio tasks ({share:.1} %)")
    }
}
