//! Asks tasks where they are suspended.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{SUPPORTED, Stacks};
use crate::tasks::task::Task;

/// Tasks that are woken at once: so many do not delay others by more than about a millisecond.
const BATCH: usize = 256;
/// How long a batch may take. Tasks whose thread is blocked do not answer.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long all batches together may take.
const ALL: Duration = Duration::from_secs(3);
/// Between looking whether a batch has answered.
const PAUSE: Duration = Duration::from_micros(200);
/// Different answers that are kept; each has at most 4 KiB.
const MOST_ANSWERS: usize = 4_000;

/// What tasks have answered. Most say the same as others, so that is kept once.
#[derive(Default)]
pub(in crate::tasks) struct Asked {
    answers: HashSet<Arc<Stacks>>,
    by_task: HashMap<u64, Arc<Stacks>>,
    /// Why it is not known where those are that have been running for long, if they could not be looked at.
    pub(in crate::tasks) running_unknown: Option<String>,
}

impl Asked {
    /// Where this task is suspended, or runs. None for one that was not asked, has not answered, or answered as nobody did when there was no
    /// more room.
    pub(in crate::tasks) fn of(&self, task: &Task) -> Option<&Arc<Stacks>> {
        self.by_task.get(&task.id)
    }

    pub(super) fn add(&mut self, task: &Task, stacks: Stacks) {
        let answer = match self.answers.get(&stacks) {
            Some(known) => Arc::clone(known),
            None if self.answers.len() < MOST_ANSWERS => {
                let new = Arc::new(stacks);
                self.answers.insert(Arc::clone(&new));
                new
            }
            None => return,
        };
        self.by_task.insert(task.id, answer);
    }
}

/// Asks these tasks, in this order. Takes until all have answered, and at most 3 s.
pub(in crate::tasks) fn ask<'a>(tasks: impl Iterator<Item = &'a Arc<Task>>, asked: &mut Asked) {
    let until = Instant::now() + ALL;
    if !SUPPORTED {
        return;
    }
    let tasks: Vec<_> = tasks.collect();
    for batch in tasks.chunks(BATCH) {
        let now = Instant::now();
        if now >= until {
            break;
        }
        batch.iter().for_each(|task| task.ask());
        wait(batch, until.min(now + PATIENCE));
        for task in batch {
            if let Some(stacks) = task.take_answer() {
                asked.add(task, stacks);
            }
        }
    }
}

fn wait(batch: &[&Arc<Task>], until: Instant) {
    while Instant::now() < until && batch.iter().any(|task| task.may_answer()) {
        thread::sleep(PAUSE);
    }
}
