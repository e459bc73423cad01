//! What all tasks do at one moment, as text.

mod blocks;
mod grouped;
mod head;
mod length;

use std::sync::{Arc, Mutex, TryLockError};

use super::{
    clock,
    coverage::Coverage,
    registry::TASKS,
    task::{Doings, State, Task},
};

/// How a dump is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Tasks of the same origin together.
    Grouped,
    /// A block for each task.
    Blocks,
}

/// A task and what it was doing when the dump was taken.
struct Seen {
    task: Arc<Task>,
    doings: Doings,
}

/// Writes what all tasks of the process do now. None while another dump is written: one at a time is enough. Takes as long as
/// there are tasks: not for a thread of a runtime.
pub(crate) fn dump(form: Form) -> Option<String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = match ONE_AT_A_TIME.try_lock() {
        Ok(alone) => alone,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return None,
    };
    Some(written(&TASKS.all(), form))
}

fn written(tasks: &[Arc<Task>], form: Form) -> String {
    let mut text = String::new();
    head::write(&mut text, Coverage::of(tasks), tasks.len(), TASKS.not_shown());
    match form {
        Form::Grouped => grouped::write(&mut text, seen(tasks)),
        Form::Blocks => blocks::write(&mut text, seen(tasks)),
    }
    text
}

/// What runs comes first, then what has waited the longest.
fn seen(tasks: &[Arc<Task>]) -> Vec<Seen> {
    let now = clock::now();
    let mut seen: Vec<_> =
        tasks.iter().map(|task| Seen { task: Arc::clone(task), doings: task.doings(now) }).collect();
    seen.sort_by_key(|seen| {
        (seen.doings.state != State::Running, std::cmp::Reverse(seen.doings.since), seen.task.id)
    });
    seen
}
