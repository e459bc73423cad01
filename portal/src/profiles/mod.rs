//! Reads profiles, and makes of them what pages show: trees of frames, functions, differences, tasks. Pure.

mod code;
mod diff;
mod functions;
mod read;
mod tasks;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use self::{
    code::Code,
    diff::{Change, Diff, diff},
    functions::{caused_by_service, functions},
    read::{LARGEST, Profile, Unreadable, inflated, read, weight},
    tasks::{SlowPolls, TaskGroup, tasks},
    tree::{Tree, tree},
};
