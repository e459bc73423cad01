//! What all tasks do at one moment.

mod blocks;
mod grouped;
mod groups;
mod head;
mod profile;
mod stacks;

use std::{
    cmp::Reverse,
    sync::{Arc, Mutex, TryLockError},
};

use jiff::Timestamp;

use self::stacks::StackTexts;
use super::{
    clock,
    coverage::Coverage,
    registry::TASKS,
    slow_polls,
    stack::{Asked, ask, look},
    task::{Doings, State, Task},
};
use crate::{aside::Waiting, cpu};

/// How a dump is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For `go tool pprof`.
    Profile,
    /// As text, tasks of the same origin and stack together.
    Grouped,
    /// As text, a block for each task.
    Blocks,
}

/// A task and what it was doing when the dump was taken.
struct Seen {
    task: Arc<Task>,
    doings: Doings,
}

/// What was written, and when was looked.
#[derive(Debug)]
pub(crate) struct Dump {
    pub(crate) looked_at: Timestamp,
    pub(crate) body: Vec<u8>,
}

/// Writes what all tasks of the process do now, with stacks if those are wanted; where a poll was slow a short while ago, the next
/// one is waited for, to be seen, as long as somebody is `waiting`. None while another dump is written: one at a time is enough; and
/// for nobody. Takes as long as there are tasks, and reads files: not for a thread of a runtime.
pub(crate) fn dump(form: Form, with_stacks: bool, waiting: Option<&Waiting>) -> Option<Dump> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = match ONE_AT_A_TIME.try_lock() {
        Ok(alone) => alone,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return None,
    };
    let waiting = waiting.filter(|_| with_stacks && cpu::IS_HERE);
    if waiting.is_some_and(|waiting| !slow_polls::wait_for_the_next(waiting)) {
        return None;
    }
    let looked_at = Timestamp::now();
    let tasks = TASKS.all();
    let coverage = Coverage::of(&tasks);
    let mut seen = seen(tasks);
    if form == Form::Blocks {
        seen.truncate(blocks::MOST_TASKS);
    }
    let mut asked = Asked::default();
    if with_stacks {
        ask_all(&seen, &mut asked);
    }
    let body = match form {
        Form::Profile => profile::write(&seen, &asked, coverage)?,
        Form::Grouped | Form::Blocks => {
            let mut text = String::new();
            head::write(&mut text, coverage, TASKS.shown(), TASKS.not_shown());
            let stacks = &mut StackTexts::new(&asked, with_stacks);
            match form {
                Form::Blocks => blocks::write(&mut text, &seen, stacks),
                _ => grouped::write(&mut text, &seen, stacks),
            }
            text.into_bytes()
        }
    };
    Some(Dump { looked_at, body })
}

/// What runs comes first, then what has waited the longest.
fn seen(tasks: Vec<Arc<Task>>) -> Vec<Seen> {
    let now = clock::now();
    let look = |task: Arc<Task>| Seen { doings: task.doings(now), task };
    let mut seen: Vec<_> = tasks.into_iter().map(look).collect();
    seen.sort_by_key(|Seen { task, doings }| {
        (doings.state != State::Running, Reverse(doings.since), task.id)
    });
    seen
}

/// One that was never polled waits nowhere.
fn ask_all(seen: &[Seen], asked: &mut Asked) {
    let of =
        |is: fn(&Doings) -> bool| seen.iter().filter(move |seen| is(&seen.doings)).map(|seen| &seen.task);
    look(of(|doings| doings.state == State::Running), asked);
    ask(of(|doings| doings.state != State::Running && doings.polls > 0), asked);
}
