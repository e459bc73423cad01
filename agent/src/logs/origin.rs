//! To which request and trace a line, or an error, belongs.

use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::{
    http::RequestId,
    trace::{Recorder, SpanContext, SpanId, TraceFlags, TraceId, context_of_ref, request_of},
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

impl Origin {
    /// Of what happens within `span`. A trace that is not recorded is told as well: its lines belong together all the same.
    pub(crate) fn of<'a, S: LookupSpan<'a>>(span: SpanRef<'a, S>, recorder: Option<&Recorder>) -> Self {
        let request = span.scope().find_map(|span| request_of(&span));
        let trace = recorder.and_then(|recorder| context_of_ref(recorder, span));
        Self { trace: trace.as_ref().map(Within::from), request }
    }
}
