//! The numbers of threads, and their names.

use std::{cell::Cell, collections::HashMap, rc::Rc};

use super::sys;

/// Threads that end leave their name behind: more are forgotten and read again.
const MAX: usize = 1_024;

/// Names by number, read once.
#[derive(Default)]
pub(super) struct Threads(HashMap<i32, Rc<str>>);

impl Threads {
    /// Empty when the thread has ended before anybody asked.
    pub(super) fn name(&mut self, thread: i32) -> Rc<str> {
        if self.0.len() >= MAX {
            self.0.clear();
        }
        let read = || {
            let name = std::fs::read_to_string(format!("/proc/self/task/{thread}/comm"));
            Rc::from(name.unwrap_or_default().trim_end())
        };
        self.0.entry(thread).or_insert_with(read).clone()
    }
}

/// The number of the thread that asks, as the system has it. It is asked once for each thread.
pub(crate) fn this_thread() -> i32 {
    thread_local! {
        static NUMBER: Cell<i32> = const { Cell::new(0) };
    }
    #[cold]
    fn ask() -> i32 {
        let number = sys::thread_id();
        NUMBER.set(number);
        number
    }
    match NUMBER.get() {
        0 => ask(),
        number => number,
    }
}
