//! One error, as it is taken down where it happens.

use std::{
    error::Error,
    panic::{Location, PanicHookInfo},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use super::told::{Told, chain, message_of, type_name_of};
use crate::{
    heap,
    logs::{Origin, now},
    trace,
};

/// Calls of a stack that are kept, the innermost ones.
const MOST_FRAMES: usize = 128;
/// As long it may take until all of a panic is known: it is told of before the stack is unwound.
const UNWINDING: Duration = Duration::from_millis(200);

/// How an error came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A thread has panicked.
    Panic,
    /// The service has reported it.
    Capture,
}

/// An error, with the addresses of its stack.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) kind: Kind,
    /// Nanoseconds since the Unix epoch.
    pub(crate) at: u64,
    pub(crate) type_name: String,
    pub(crate) message: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) thread: Option<String>,
    /// To which the calls return, the innermost first.
    pub(crate) stack: Box<[usize]>,
    /// To what it belongs. Of a panic it is found out as the stack is unwound, from within outwards.
    pub(crate) origin: OnceLock<Origin>,
    /// Those just like it that were too many to be told of, since the last one that was.
    pub(crate) suppressed_before: u64,
    /// The task that ended by it.
    pub(crate) task: OnceLock<String>,
    made: Instant,
}

impl Report {
    pub(super) fn of_error<E: Error + ?Sized>(error: &E, at: &Location<'_>, suppressed_before: u64) -> Self {
        let report =
            Self::new(Kind::Capture, (type_name_of(error), chain(error)), Some(at), suppressed_before);
        let _ = report.origin.set(trace::origin());
        report
    }

    pub(super) fn of_panic(info: &PanicHookInfo<'_>, suppressed_before: u64) -> Self {
        let message = message_of(format_args!("{}", Told(info.payload())));
        Self::new(Kind::Panic, ("panic".to_owned(), message), info.location(), suppressed_before)
    }

    fn new(
        kind: Kind,
        (type_name, message): (String, String),
        at: Option<&Location<'_>>,
        suppressed_before: u64,
    ) -> Self {
        Self {
            kind,
            at: now(),
            type_name,
            message,
            file: at.map(|at| at.file().to_owned()).unwrap_or_default(),
            line: at.map(Location::line).unwrap_or_default(),
            thread: thread::current().name().map(str::to_owned),
            stack: stack(),
            origin: OnceLock::new(),
            suppressed_before,
            task: OnceLock::new(),
            made: Instant::now(),
        }
    }

    /// Whether nothing more will be known of it.
    pub(crate) fn is_settled(&self) -> bool {
        self.kind == Kind::Capture || self.made.elapsed() > UNWINDING
    }
}

fn stack() -> Box<[usize]> {
    let mut frames = [0; MOST_FRAMES];
    let length = heap::stack(&mut frames);
    frames.iter().take(length).copied().collect()
}
