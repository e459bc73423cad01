//! The names of threads.

use std::{collections::HashMap, rc::Rc};

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
