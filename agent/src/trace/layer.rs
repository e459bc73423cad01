//! The `tracing` layer that records spans.

use std::sync::Arc;

use tracing::{
    Event as TracingEvent, Subscriber,
    span::{Attributes, Id, Record as Values},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

use super::{
    SpanContext, SpanId, TraceId,
    clock::Clock,
    event,
    fields::Fields,
    limits::Limits,
    pool, quiet,
    record::{Place, Record},
    remote,
    sampler::Sampler,
    sink::Sink,
};

/// Records the spans of the host. One layer belongs to one agent; where several are in one subscriber, the first to see
/// a span has it.
#[derive(Clone, Debug)]
pub struct TracingLayer {
    recorder: Option<Arc<Recorder>>,
}

/// What the layer of an agent records by, and whereto.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) sampler: Sampler,
    pub(crate) limits: Limits,
    pub(crate) sink: Sink,
}

/// What the registry keeps for a span. A span that is not recorded, and whose parent in this process is not, has none of
/// its own: it passes on the context of the nearest ancestor that has.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) context: SpanContext,
    recorder: u64,
    open: Option<Open>,
}

/// A span that is being recorded.
#[derive(Debug)]
struct Open {
    parent: Option<SpanId>,
    parent_is_remote: bool,
    clock: Clock,
    start: u64,
    record: Box<Record>,
}

/// From what a new span descends.
struct Parent {
    context: SpanContext,
    is_remote: bool,
    /// The clock of the parent, if it is in this process and recorded.
    clock: Option<Clock>,
}

impl TracingLayer {
    pub(crate) fn new(recorder: Option<Arc<Recorder>>) -> Self {
        Self { recorder }
    }

    /// The recorder of the agent whose layer listens to these spans.
    pub(super) fn of(dispatch: &tracing::Dispatch) -> Option<&Recorder> {
        dispatch.downcast_ref::<Self>()?.recorder.as_deref()
    }

    /// The recorder, where spans are to be recorded on this thread and at this time.
    fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_deref().filter(|recorder| recorder.sink.is_open() && !quiet::is_quiet())
    }
}

impl<S> Layer<S> for TracingLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(recorder) = self.recorder() else { return };
        let Some(span) = context.span(id) else { return };
        if let Some(tracked) = recorder.begin(attributes, parent_of(&span)) {
            let mut extensions = span.extensions_mut();
            if extensions.get_mut::<Tracked>().is_none() {
                extensions.insert(tracked);
            }
        }
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        let Some(recorder) = self.recorder() else { return };
        let Some(span) = context.span(id) else { return };
        if !recorder.is_recording(&span) {
            return;
        }
        let mut later = pool::take();
        values.record(&mut Fields::of_span(&mut later, &recorder.limits));
        if let Some(open) = span.extensions_mut().get_mut::<Tracked>().and_then(|own| own.open.as_mut()) {
            open.record.absorb_fields(&later, &recorder.limits);
        }
        pool::give_back(later);
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        let Some(recorder) = self.recorder() else { return };
        let (Some(span), Some(cause)) = (context.span(id), context.span(follows)) else { return };
        let Some(to) = super::current::context_of_ref(&cause) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Tracked>().and_then(|own| own.open.as_mut()) {
            open.record.link(to, &recorder.limits);
        }
    }

    fn on_event(&self, event: &TracingEvent<'_>, context: Context<'_, S>) {
        let Some(recorder) = self.recorder() else { return };
        let Some(current) = context.event_span(event) else { return };
        let Some(span) = current.scope().find(|span| span.extensions().get::<Tracked>().is_some()) else {
            return;
        };
        if !recorder.is_recording(&span) {
            return;
        }
        let mut fields = pool::take();
        event.record(&mut Fields::of_event(&mut fields, &recorder.limits));
        if let Some(open) = span.extensions_mut().get_mut::<Tracked>().and_then(|own| own.open.as_mut()) {
            event::add(&mut open.record, event.metadata(), open.clock.now(), &mut fields, &recorder.limits);
        }
        pool::give_back(fields);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        // A span that was open when the agent ended is not forgotten but counted as lost, so `recorder()` is not asked.
        let Some(recorder) = &self.recorder else { return };
        let Some(span) = context.span(&id) else { return };
        recorder.end(&span);
    }
}

impl Recorder {
    /// Decides on a span before looking at its fields. None if it needs nothing of its own.
    fn begin(&self, attributes: &Attributes<'_>, parent: Option<Parent>) -> Option<Tracked> {
        let parent_sampled = parent.as_ref().map(|parent| parent.context.is_sampled());
        let trace_id = parent.as_ref().map_or_else(TraceId::random, |parent| parent.context.trace_id);
        let sampled = self.sampler.samples(trace_id, parent_sampled);
        if !sampled && parent.as_ref().is_some_and(|parent| !parent.is_remote && !parent.context.is_sampled())
        {
            return None;
        }
        let open = sampled.then(|| self.open(attributes, parent.as_ref()));
        let (flags, trace_state) =
            parent.map(|it| (it.context.flags, it.context.trace_state)).unwrap_or_default();
        let context = SpanContext {
            trace_id,
            span_id: SpanId::random(),
            flags: flags.with_sampled(sampled),
            trace_state,
        };
        Some(Tracked { context, recorder: self.sink.id(), open })
    }

    fn open(&self, attributes: &Attributes<'_>, parent: Option<&Parent>) -> Open {
        let known = parent.and_then(|parent| parent.clock);
        let (clock, start) = known.map_or_else(Clock::start, |clock| (clock, clock.now()));
        let mut record = pool::take();
        attributes.record(&mut Fields::of_span(&mut record, &self.limits));
        Open {
            parent: parent.map(|parent| parent.context.span_id),
            parent_is_remote: parent.is_some_and(|parent| parent.is_remote),
            clock,
            start,
            record,
        }
    }

    /// Hands over a span that has ended. Only the first call for a span does something.
    pub(super) fn end<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>) {
        let mut extensions = span.extensions_mut();
        let own = extensions.get_mut::<Tracked>().filter(|own| own.recorder == self.sink.id());
        let Some((tracked, open)) = own.and_then(|own| own.open.take().map(|open| (own, open))) else {
            return;
        };
        let place = tracked.place(&open, span.metadata());
        drop(extensions);
        self.sink.push(place, &open.record);
        pool::give_back(open.record);
    }

    fn is_recording<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>) -> bool {
        let extensions = span.extensions();
        extensions.get::<Tracked>().is_some_and(|own| own.open.is_some() && own.recorder == self.sink.id())
    }
}

impl Tracked {
    fn place(&self, open: &Open, metadata: &'static tracing::Metadata<'static>) -> Place {
        // OTLP's flags: W3C's in the low byte, then whether it is known that the parent is remote, and whether it is.
        const KNOWS_REMOTE: u32 = 0x100;
        const IS_REMOTE: u32 = 0x200;
        let remote = if open.parent_is_remote { IS_REMOTE } else { 0 };
        Place {
            trace_id: self.context.trace_id,
            span_id: self.context.span_id,
            parent: open.parent,
            trace_state: self.context.trace_state.clone(),
            flags: u32::from(self.context.flags.to_byte()) | KNOWS_REMOTE | remote,
            metadata,
            start: open.start,
            end: open.clock.now(),
        }
    }
}

/// A parent in another process if one was given, else the nearest ancestor here that is known.
fn parent_of<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Parent> {
    if let Some(context) = remote::parent() {
        return Some(Parent { context, is_remote: true, clock: None });
    }
    span.scope().skip(1).find_map(|ancestor| {
        let extensions = ancestor.extensions();
        let tracked = extensions.get::<Tracked>()?;
        let clock = tracked.open.as_ref().map(|open| open.clock);
        Some(Parent { context: tracked.context.clone(), is_remote: false, clock })
    })
}
