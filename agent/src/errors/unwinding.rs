//! What a panic belongs to.
//!
//! In the hook nobody may be asked: a subscriber may hold the very lock under which its host's code has panicked. Spans and
//! tasks are asked when the stack is unwound through them, the innermost first.

use std::{
    cell::{Cell, RefCell},
    panic::PanicHookInfo,
    sync::Arc,
    time::Duration,
};

use tracing::Span;

use super::{report::Report, told::Told};
use crate::{logs::Origin, trace};

/// How long a process that is about to be aborted waits for the portal.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// As the standard library begins to say that it cannot unwind.
const CANNOT_UNWIND: [&str; 2] =
    ["panic in a function that cannot unwind", "panic in a destructor during cleanup"];

thread_local! {
    /// Whether this thread has panicked: every part of every request asks, and nearly always hears no.
    static HAS_PANICKED: Cell<bool> = const { Cell::new(false) };
    /// The latest panic of this thread.
    static LATEST: RefCell<Option<Arc<Report>>> = const { RefCell::new(None) };
}

/// Tells of a panic, from within the hook. `suppressed_before` as [it was noted](super::Places::note). Gives what is to be done after the
/// other hooks.
pub(crate) fn panicked(info: &PanicHookInfo<'_>, suppressed_before: Option<u64>) -> impl FnOnce() + use<> {
    let report = suppressed_before.map(|suppressed| Arc::new(Report::of_panic(info, suppressed)));
    super::tell(report.as_ref());
    put(report);
    HAS_PANICKED.set(true);
    let aborts = cfg!(panic = "abort") || says_that_it_aborts(info);
    move || {
        if aborts {
            super::flush(LAST_WORDS);
        }
    }
}

fn says_that_it_aborts(info: &PanicHookInfo<'_>) -> bool {
    let said = Told(info.payload()).to_string();
    CANNOT_UNWIND.iter().any(|begin| said.starts_with(begin))
}

/// Forgets the latest panic of this thread, so that no later one is taken for that one.
#[inline]
pub(crate) fn forget() {
    if HAS_PANICKED.replace(false) {
        put(None);
    }
}

/// The stack is unwound through a span.
#[cold]
pub(crate) fn through_span(origin: impl FnOnce() -> Origin) {
    if let Some(report) = latest() {
        report.origin.get_or_init(origin);
    }
}

/// The stack is unwound through a task, which ends by that.
#[cold]
pub(crate) fn through_task(name: &str) {
    if let Some(report) = latest() {
        report.task.get_or_init(|| name.to_owned());
    }
}

/// If there was a panic since the last one was [forgotten](forget), it was within this span, though somebody caught it.
#[inline]
pub(crate) fn happened_within(span: &Span) {
    if HAS_PANICKED.get()
        && let Some(report) = LATEST.try_with(RefCell::take).ok().flatten()
    {
        report.origin.get_or_init(|| trace::origin_of(span));
    }
}

fn latest() -> Option<Arc<Report>> {
    LATEST.try_with(|latest| latest.try_borrow().ok()?.clone()).ok().flatten()
}

fn put(report: Option<Arc<Report>>) {
    let _ = LATEST.try_with(|latest| latest.try_borrow_mut().map(|mut latest| *latest = report).is_ok());
}
