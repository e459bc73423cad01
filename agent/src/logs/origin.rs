//! To which request and trace a line, or an error, belongs.

use std::{cell::RefCell, thread::LocalKey};

use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::{
    http::RequestId,
    trace::{Recorder, SpanContext, SpanId, TraceFlags, TraceId, context_of_ref},
};

/// To which request and trace something belongs, as far as it belongs to any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) trace: Option<Within>,
    pub(crate) request: Option<RequestId>,
}

/// The span that something is within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Within {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) flags: TraceFlags,
}

impl From<&SpanContext> for Within {
    fn from(context: &SpanContext) -> Self {
        Self { trace_id: context.trace_id, span_id: context.span_id, flags: context.flags }
    }
}

thread_local! {
    /// The request whose span is being made.
    static BEGINNING: RefCell<Option<RequestId>> = const { RefCell::new(None) };
}

/// What a span keeps that is the span of a request.
struct Requested(RequestId);

/// Makes the span of a request, which then knows the id of it.
pub(crate) fn begin_request<T>(id: &RequestId, make: impl FnOnce() -> T) -> T {
    put(&BEGINNING, Some(id.clone()));
    let made = make();
    put(&BEGINNING, None);
    made
}

/// Lets a new span keep the id of the request that is [beginning](begin_request).
pub(crate) fn beginning_request<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) {
    if let Some(id) = take(&BEGINNING) {
        span.extensions_mut().replace(Requested(id));
    }
}

/// A thread may still log while its locals are dropped.
fn put<T>(local: &'static LocalKey<RefCell<Option<T>>>, value: Option<T>) {
    let _ = local.try_with(|local| local.replace(value));
}

fn take<T>(local: &'static LocalKey<RefCell<Option<T>>>) -> Option<T> {
    local.try_with(RefCell::take).ok().flatten()
}

impl Origin {
    /// Of what happens within `span`. A trace that is not recorded is told as well: its lines belong together all the same.
    pub(crate) fn of<'a, S: LookupSpan<'a>>(span: SpanRef<'a, S>, recorder: Option<&Recorder>) -> Self {
        let request = span.scope().find_map(|span| Some(span.extensions().get::<Requested>()?.0.clone()));
        let trace = recorder.and_then(|recorder| context_of_ref(recorder, span));
        Self { trace: trace.as_ref().map(Within::from), request }
    }
}
