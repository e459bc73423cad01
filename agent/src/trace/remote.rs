//! Spans that continue a trace from another process.

use std::cell::{Cell, RefCell};

use super::SpanContext;

thread_local! {
    /// Whether there is a parent; quicker to ask than for the parent itself, and every new span asks.
    static GIVEN: Cell<bool> = const { Cell::new(false) };
    static PARENT: RefCell<Option<SpanContext>> = const { RefCell::new(None) };
}

/// Runs `make`, and lets the spans made in it have `parent` as their parent instead of the current span.
///
/// ```
/// # use seaworthy_agent::trace;
/// # fn incoming() -> Option<trace::SpanContext> { None }
/// let span = match incoming() {
///     Some(parent) => trace::with_remote_parent(parent, || tracing::info_span!("GET /menu", otel.kind = "server")),
///     None => tracing::info_span!("GET /menu", otel.kind = "server"),
/// };
/// ```
pub fn with_remote_parent<T>(parent: SpanContext, make: impl FnOnce() -> T) -> T {
    let _restore = Restore(replace(Some(parent)));
    make()
}

/// The parent that [`with_remote_parent`] has set on this thread.
pub(crate) fn parent() -> Option<SpanContext> {
    if !GIVEN.get() {
        return None;
    }
    PARENT.try_with(|parent| parent.try_borrow().ok().and_then(|parent| parent.clone())).ok().flatten()
}

/// Puts back what was there before, also when `make` panics.
struct Restore(Option<SpanContext>);

impl Drop for Restore {
    fn drop(&mut self) {
        replace(self.0.take());
    }
}

fn replace(parent: Option<SpanContext>) -> Option<SpanContext> {
    GIVEN.set(parent.is_some());
    let swap = |own: &RefCell<Option<SpanContext>>| {
        own.try_borrow_mut().ok().and_then(|mut own| std::mem::replace(&mut *own, parent))
    };
    PARENT.try_with(swap).ok().flatten()
}
