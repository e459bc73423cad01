//! Where tasks are in a poll that has not ended for long: told by the stack of the thread, which the handler of the CPU profile copies.
//! Such a thread may as well wait for something as compute, so a CPU profile need not show it.

use std::sync::Arc;

use super::{Asked, Stacks};
use crate::{
    cpu,
    tasks::{clock, task::Task},
};

/// Tasks that are looked at, the longest first.
const MOST_TASKS: usize = 64;

/// Looks where those of these tasks are whose poll goes on for 100 ms or longer. A signal is sent to their threads, and to no others.
pub(in crate::tasks) fn look<'a>(tasks: impl Iterator<Item = &'a Arc<Task>>, asked: &mut Asked) {
    let slow_poll = |task: &Task| task.slow_poll(clock::now());
    let polls = tasks.filter_map(|task| slow_poll(task).map(|(began, root)| ((task, began), root)));
    let polls: Vec<_> = polls.take(MOST_TASKS).collect();
    if polls.is_empty() {
        return;
    }
    // A thread that has gone on to something else meanwhile tells nothing of the poll.
    let still = |(task, began): &(&Arc<Task>, u64), root| slow_poll(task) == Some((*began, root));
    match cpu::calls(polls, still) {
        Ok(found) => found.into_iter().for_each(|((task, _), calls)| asked.add(task, Stacks::of_one(calls))),
        Err(why) => asked.running_unknown = Some(why.to_string()),
    }
}
