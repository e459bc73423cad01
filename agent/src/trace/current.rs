//! The context of spans of this process.

use std::time::Instant;

use tracing::{Dispatch, Span, span::Id};
use tracing_subscriber::{
    Registry,
    registry::{LookupSpan, SpanRef},
};

use super::{
    Limits, SpanContext, TraceId, TracingLayer, pool,
    record::{Attribute, Record, Status, Value},
    recorder::{Recorder, Tracked},
    shown,
    text::Text,
};
use crate::logs::Origin;

/// The context of the current span: what to send along with a call to another process. None outside of spans, and where
/// no agent listens.
pub fn current() -> Option<SpanContext> {
    tracing::dispatcher::get_default(|dispatch| context_of_id(dispatch, dispatch.current_span().id()?))
}

/// The context of this span. None for a disabled span, and where no agent listens.
pub fn context_of(span: &Span) -> Option<SpanContext> {
    span.with_subscriber(|(id, dispatch)| context_of_id(dispatch, id)).flatten()
}

/// The trace of the current span, if it is recorded or has been asked for before.
pub(crate) fn current_known() -> Option<TraceId> {
    let known = |dispatch: &Dispatch| {
        let id = dispatch.current_span().id()?.clone();
        let (_, span) = find(dispatch, &id)?;
        span.scope().find_map(|span| Some(span.extensions().get::<Tracked>()?.context.trace_id))
    };
    tracing::dispatcher::get_default(known)
}

/// Ends a span now, though handles to it, or spans below it, may live on.
///
/// Otherwise a span ends when nothing refers to it any more, and every span below it does: a request that starts a task
/// which goes on after the answer would seem to take as long as that task.
pub fn end(span: &Span) {
    finish(span, Instant::now(), |_| {}, true);
}

/// The same of a span that has ended just before, with the last that is to be said of it. Later lines within it do not show its fields.
pub(crate) fn end_with(span: &Span, ended: Instant, say: impl Fn(&mut Last<'_>)) {
    finish(span, ended, say, false);
}

fn finish(span: &Span, ended: Instant, say: impl Fn(&mut Last<'_>), keeps_fields: bool) {
    span.with_subscriber(|(id, dispatch)| {
        let is_alone = TracingLayer::is_alone(dispatch);
        if !is_alone {
            say(&mut Last(To::Everyone(span)));
        }
        let recorder = TracingLayer::of(dispatch).filter(|recorder| recorder.is_recording_any());
        if let Some(recorder) = recorder
            && let Some(span) = dispatch.downcast_ref::<Registry>().and_then(|registry| registry.span(id))
        {
            let say = |record: &mut Record| {
                if is_alone {
                    say(&mut Last(To::Record(record, &recorder.limits)));
                }
            };
            match recorder.end(&span, ended, say) {
                Some(record) if is_alone && keeps_fields => shown::keep(&span, record),
                record => record.into_iter().for_each(pool::give_back),
            }
        }
    });
}

/// Takes the last that is to be said of a span: by way of the subscriber where others listen to it as well.
pub(crate) struct Last<'a>(To<'a>);

enum To<'a> {
    Record(&'a mut Record, &'a Limits),
    Everyone(&'a Span),
}

impl Last<'_> {
    pub(crate) fn number(&mut self, field: &'static str, value: i64) {
        match &mut self.0 {
            To::Record(record, limits) => {
                record.set(Attribute { key: field, value: Value::Int(value) }, limits.attributes);
            }
            To::Everyone(span) => drop(span.record(field, value)),
        }
    }

    pub(crate) fn text(&mut self, field: &'static str, value: &str) {
        match &mut self.0 {
            To::Record(record, limits) => match Text::write(&mut record.texts, limits, value) {
                Some(text) => {
                    record.set(Attribute { key: field, value: Value::Text(text) }, limits.attributes)
                }
                None => record.head.dropped_attributes += 1,
            },
            To::Everyone(span) => drop(span.record(field, value)),
        }
    }

    /// The span stands for something that failed.
    pub(crate) fn failed(&mut self) {
        match &mut self.0 {
            To::Record(record, _) => record.head.status = Status::Error,
            To::Everyone(span) => drop(span.record("otel.status_code", "error")),
        }
    }
}

/// To which request and trace it belongs what happens now on this thread.
pub(crate) fn origin() -> Origin {
    let origin = |dispatch: &Dispatch| origin_of_id(dispatch, dispatch.current_span().id()?);
    tracing::dispatcher::get_default(origin).unwrap_or_default()
}

/// To which request and trace it belongs what happens within this span.
pub(crate) fn origin_of(span: &Span) -> Origin {
    span.with_subscriber(|(id, dispatch)| origin_of_id(dispatch, id)).flatten().unwrap_or_default()
}

fn origin_of_id(dispatch: &Dispatch, id: &Id) -> Option<Origin> {
    let (recorder, span) = find(dispatch, id)?;
    Some(Origin::of(span, Some(recorder)))
}

fn context_of_id(dispatch: &Dispatch, id: &Id) -> Option<SpanContext> {
    let (recorder, span) = find(dispatch, id)?;
    context_of_ref(recorder, span)
}

/// A span, and who records it.
fn find<'a>(dispatch: &'a Dispatch, id: &Id) -> Option<(&'a Recorder, SpanRef<'a, Registry>)> {
    Some((TracingLayer::of(dispatch)?, dispatch.downcast_ref::<Registry>()?.span(id)?))
}

/// The context of a span or, where it has none of its own, of the nearest ancestor that has. A trace that has none
/// because it is not recorded gets one.
pub(crate) fn context_of_ref<'a, S: LookupSpan<'a>>(
    recorder: &Recorder,
    span: SpanRef<'a, S>,
) -> Option<SpanContext> {
    let mut outermost = None;
    for span in span.scope().filter(|span| recorder.filter.enables(span.metadata())) {
        if let Some(own) = span.extensions().get::<Tracked>() {
            return Some(own.context.clone());
        }
        outermost = Some(span);
    }
    let outermost = outermost?;
    let mut extensions = outermost.extensions_mut();
    // Another thread may have asked in the meantime.
    if extensions.get_mut::<Tracked>().is_none() {
        extensions.insert(recorder.unsampled());
    }
    extensions.get_mut::<Tracked>().map(|own| own.context.clone())
}
