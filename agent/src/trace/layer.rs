//! The `tracing` layer that records spans, and takes log lines.

use std::{sync::Arc, thread, time::Instant};

use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record as Values},
    subscriber::Interest,
};
use tracing_subscriber::{
    EnvFilter, Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

use super::{
    beginning, current, event,
    fields::Fields,
    limits::Limits,
    open, pool, quiet,
    recorder::{Ancestry, Recorder, keep_request, nearest},
    remote, shown,
};
use crate::{
    errors,
    http::{REQUEST_TARGET, is_request_span},
    logs::{Lines, Origin, Writer},
};

/// Records the spans of the host, and takes its log lines. One layer belongs to one agent; where several are in one subscriber, the first to see
/// a span has it.
#[derive(Clone, Debug)]
pub struct TracingLayer {
    recorder: Option<Arc<Recorder>>,
    lines: Option<Arc<Lines>>,
    /// Where the subscriber is the agent's own: this layer also writes the lines, and decides what is of any use at all.
    writer: Option<Arc<Writer>>,
}

impl TracingLayer {
    pub(crate) fn new(recorder: Option<Arc<Recorder>>, lines: Option<Arc<Lines>>) -> Self {
        Self { recorder, lines, writer: None }
    }

    /// Writes lines as well. For a subscriber that has no other layer.
    pub(crate) fn writing(self, writer: Writer) -> Self {
        Self { writer: Some(Arc::new(writer)), ..self }
    }

    /// Whether a layer of an agent is the only one that listens to these spans.
    pub(super) fn is_alone(dispatch: &Dispatch) -> bool {
        dispatch.downcast_ref::<Self>().is_some_and(|layer| layer.writer.is_some())
    }

    /// The recorder of the agent whose layer listens to these spans.
    pub(super) fn of(dispatch: &Dispatch) -> Option<&Recorder> {
        dispatch.downcast_ref::<Self>()?.recorder.as_deref()
    }

    /// The recorder, if what happens now on this thread is to be recorded.
    fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_deref().filter(|recorder| recorder.sink.is_open() && !quiet::is_quiet())
    }

    /// The recorder, if a span or event like this is to be recorded.
    fn recorder_of(&self, metadata: &Metadata<'_>) -> Option<&Recorder> {
        self.recorder().filter(|recorder| recorder.filter.enables(metadata))
    }

    /// Whether a span or event of this callsite is of any use. Where there are other layers, a filter around this one decides.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let Some(writer) = &self.writer else { return true };
        let is_recorded = self.recorder.as_ref().is_some_and(|recorder| recorder.filter.enables(metadata));
        is_recorded || writer.filter.may_enable(metadata)
    }

    /// How much a span may hold, recorded or not.
    fn limits(&self) -> Limits {
        self.recorder.as_ref().map(|recorder| recorder.limits).unwrap_or_default()
    }

    /// Whether lines that this layer writes show the fields of a span like this.
    fn shows<S>(&self, span: &'static Metadata<'static>, context: &Context<'_, S>) -> bool
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        self.writer.as_ref().is_some_and(|writer| writer.shows(span, context))
    }

    /// A filter of lines that looks at spans is told of each.
    fn with_spans<T>(&self, tell: impl FnOnce(&EnvFilter) -> T) -> Option<T> {
        self.writer.as_ref()?.filter.with_spans(tell)
    }
}

impl<S> Layer<S> for TracingLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_span() {
            open::know(metadata);
        }
        self.with_spans(|filter| Layer::<S>::register_callsite(filter, metadata));
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let writer = self.writer.as_ref()?;
        let recorded = self.recorder.as_ref().map_or(LevelFilter::OFF, |recorder| recorder.filter.finest());
        Some(recorded.max(writer.filter.finest_of_use()))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_new_span(attributes, id, context.clone()));
        let metadata = attributes.metadata();
        let is_request = is_request_span(metadata);
        let beginning = if is_request { beginning::take() } else { None };
        let tracked = self.recorder_of(metadata).and_then(|recorder| {
            let ancestry = match remote::parent() {
                Some(parent) => Ancestry::Remote(parent),
                None => Ancestry::of(parent(attributes, &context), &recorder.filter),
            };
            Some((recorder, recorder.begin(attributes, ancestry, beginning.as_ref())?))
        });
        let is_recorded = tracked.as_ref().is_some_and(|(_, tracked)| tracked.is_recorded());
        if is_request && !is_recorded && self.writer.is_some() {
            beginning::nobody_listens();
        }
        match (tracked, beginning) {
            (None, None) => {}
            (Some((recorder, tracked)), _) => {
                let _ = context.span(id).map(|span| recorder.keep(&span, tracked));
            }
            (None, Some(beginning)) => {
                let _ = context.span(id).map(|span| keep_request(&span, beginning.id));
            }
        }
        if !is_recorded && !attributes.fields().is_empty() && self.shows(metadata, &context) {
            let limits = self.limits();
            let _ = context.span(id).map(|span| shown::remember(&span, attributes, &limits));
        }
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_record(id, values, context.clone()));
        // Fields of a span that was open when the agent ended belong to those that it has.
        let recorder = self.recorder.as_ref().filter(|recorder| recorder.is_recording_any());
        if recorder.is_none() && self.writer.as_ref().is_none_or(|writer| writer.filter.is_off()) {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let is_recorded = recorder.is_some_and(|recorder| recorder.is_recording(&span));
        if is_recorded || self.shows(span.metadata(), &context) {
            shown::remember(&span, values, &self.limits());
        }
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        let Some(recorder) = self.recorder() else { return };
        let Some(span) = context.span(id).filter(|span| recorder.is_recording(span)) else { return };
        let Some(to) = context.span(follows).and_then(|cause| current::context_of_ref(recorder, cause))
        else {
            return;
        };
        recorder.change(&span, |record, _| record.link(to, &recorder.limits));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let writer = self.writer.as_deref().filter(|writer| writer.filter.enables(metadata, &context));
        let lines = self.lines.as_deref().filter(|lines| lines.wants(metadata, &context));
        // Before the fields are looked at: that may run code of the host, which may log.
        let origin = (writer.is_some() || lines.is_some()).then(|| self.origin(event, &context));
        let origin = origin.unwrap_or_default();
        if let Some(writer) = writer {
            writer.write(event, &origin, &context);
        }
        // That a request begins and ends is what its span says.
        let recorder = self.recorder_of(metadata).filter(|recorder| recorder.is_recording_any());
        let recorder = recorder.filter(|_| metadata.target() != REQUEST_TARGET);
        let recording = recorder.and_then(|recorder| {
            let span = context.event_span(event).and_then(|span| nearest(span, &recorder.filter))?;
            recorder.is_recording(&span).then_some((recorder, span))
        });
        let limits = match (&recording, lines) {
            (Some((recorder, _)), _) => &recorder.limits,
            (None, Some(lines)) => &lines.limits,
            (None, None) => return,
        };
        // Visited once for the span and for the line that is sent.
        let mut fields = pool::take();
        event.record(&mut Fields::of_event(&mut fields, limits));
        if let Some(lines) = lines.filter(|_| !errors::is_told(metadata, &fields)) {
            lines.push(metadata, &fields, origin);
        }
        if let Some((recorder, span)) = recording {
            recorder.change(&span, |record, clock| {
                event::add(record, metadata, clock.now(), &mut fields, &recorder.limits);
            });
        }
        pool::give_back(fields);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_enter(id, context));
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_exit(id, context.clone()));
        if thread::panicking()
            && let Some(span) = context.span(id)
        {
            errors::through_span(|| Origin::of(span, self.recorder.as_deref()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_close(id.clone(), context.clone()));
        // A span that was open when the agent ended is not forgotten but counted as lost, so `recorder()` is not asked.
        let Some(recorder) = self.recorder.as_ref().filter(|recorder| recorder.is_recording_any()) else {
            return;
        };
        if let Some(span) = context.span(&id) {
            recorder.end(&span, Instant::now(), |_| {}).into_iter().for_each(pool::give_back);
        }
    }
}

impl TracingLayer {
    fn origin<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> Origin
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let span = context.event_span(event);
        span.map(|span| Origin::of(span, self.recorder.as_deref())).unwrap_or_default()
    }
}

fn parent<'a, S>(attributes: &Attributes<'_>, context: &'a Context<'_, S>) -> Option<SpanRef<'a, S>>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    match attributes.parent() {
        Some(parent) => context.span(parent),
        None if attributes.is_contextual() => context.lookup_current(),
        None => None,
    }
}
