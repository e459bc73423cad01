//! Threads whose own doings are not traced.

use std::cell::Cell;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// From now on nothing that this thread does is traced. For the agent's own thread, which would otherwise trace how it
/// sends its traces.
pub(crate) fn this_thread() {
    QUIET.set(true);
}

/// Whether this thread is not traced.
pub(crate) fn is_quiet() -> bool {
    QUIET.get()
}
