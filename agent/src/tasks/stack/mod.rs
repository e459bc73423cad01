//! Where tasks are suspended, on stable Rust and without flags.
//!
//! A future that waits keeps a clone of its waker with whatever will wake it. So whoever looks at the call stack when the waker
//! is cloned sees where the task waits. A dump therefore asks a task, and wakes it; it is polled once more by whoever always
//! polls it, on its thread and by its turn, with a waker that differs from the one that it keeps. So it clones that one, and
//! is given a clone of the usual waker. What wakes a task for nothing is allowed to happen to every future.
//!
//! One that is in a poll cannot be asked. Where that goes on for long, its thread is.

mod ask;
mod capture;
mod names;
mod running;

pub(super) use ask::{Asked, ask};
pub(super) use capture::{Stacks, collect, note};
pub(super) use names::{Frame, Names};
pub(super) use running::look;

/// Whether stacks can be captured here.
pub(super) const SUPPORTED: bool = cfg!(unix);
