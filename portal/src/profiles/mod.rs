//! Reads profiles, and makes of them what pages show: trees of frames, functions, differences, tasks. Pure.

mod causes;
mod code;
mod diff;
mod functions;
mod read;
mod tasks;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use self::{
    causes::{Cause, causes},
    code::Code,
    diff::{CauseChange, Change, Diff, diff},
    functions::functions,
    read::{LARGEST, Profile, Unreadable, inflated, read, weight},
    tasks::{Call, SlowPolls, TaskGroup, tasks},
    tree::{Shape, Tree, is_led_to_service, tree},
};
