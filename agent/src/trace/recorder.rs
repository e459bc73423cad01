//! Decides which spans are recorded, and keeps what is known of them while they are open.

use std::time::Instant;

use tracing::{Metadata, span::Attributes};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::{
    Beginning, Sink, SpanContext, SpanId,
    clock::Clock,
    fields::Fields,
    filter::Filter,
    limits::Limits,
    open::{self, Card},
    opened::Opened,
    pool,
    record::{Place, Record},
    sampler::Sampler,
};
use crate::http::RequestId;

/// What the layer of an agent records by, and whereto.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) filter: Filter,
    pub(crate) sampler: Sampler,
    pub(crate) limits: Limits,
    pub(crate) sink: Sink,
    opened: Opened,
}

/// What the registry keeps for a span that is recorded, or that continues a trace from elsewhere.
///
/// A span that is neither has nothing of its own, so that not recording costs next to nothing; its trace gets a context
/// when somebody asks for it, and keeps it in its outermost span.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) context: SpanContext,
    recorder: u64,
    /// Of the span of a request.
    request: Option<RequestId>,
    open: Option<Open>,
}

/// What the registry keeps for the span of a request that has nothing else.
struct Requested(RequestId);

/// The request whose span this is.
pub(crate) fn request_of<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<RequestId> {
    let extensions = span.extensions();
    let own = extensions.get::<Tracked>().and_then(|own| own.request.as_ref());
    own.or_else(|| Some(&extensions.get::<Requested>()?.0)).cloned()
}

/// Lets the span of a request know it, where it has nothing else.
pub(super) fn keep_request<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>, request: RequestId) {
    span.extensions_mut().replace(Requested(request));
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
pub(super) enum Ancestry {
    /// Nothing: it begins a trace.
    Root,
    /// A span in another process.
    Remote(SpanContext),
    /// A span in this process that is recorded, or whose trace comes from elsewhere.
    Local(SpanContext, Option<Clock>),
    /// A span in this process that is not recorded.
    Unsampled,
}

impl Ancestry {
    /// What descends from `parent`: the nearest of it and its ancestors that the filter lets through decides.
    pub(super) fn of<'a, S: LookupSpan<'a>>(parent: Option<SpanRef<'a, S>>, filter: &Filter) -> Self {
        let Some(nearest) = parent.and_then(|parent| nearest(parent, filter)) else { return Self::Root };
        let extensions = nearest.extensions();
        match extensions.get::<Tracked>() {
            Some(own) => Self::Local(own.context.clone(), own.open.as_ref().map(|open| open.clock)),
            None => Self::Unsampled,
        }
    }

    fn context(&self) -> Option<&SpanContext> {
        match self {
            Self::Remote(context) | Self::Local(context, _) => Some(context),
            Self::Root | Self::Unsampled => None,
        }
    }
}

/// The nearest of a span and its ancestors that the filter lets through.
pub(super) fn nearest<'a, S: LookupSpan<'a>>(
    span: SpanRef<'a, S>,
    filter: &Filter,
) -> Option<SpanRef<'a, S>> {
    if filter.enables(span.metadata()) {
        return Some(span);
    }
    span.scope().skip(1).find(|ancestor| filter.enables(ancestor.metadata()))
}

impl Recorder {
    pub(crate) fn new(filter: Filter, sampler: Sampler, limits: Limits, sink: Sink) -> Self {
        Self { filter, sampler, limits, sink, opened: Opened::default() }
    }

    /// Decides on a span before looking at its fields. None if it needs nothing of its own.
    pub(super) fn begin(
        &self,
        attributes: &Attributes<'_>,
        ancestry: Ancestry,
        beginning: Option<&Beginning>,
    ) -> Option<Tracked> {
        let request = || beginning.map(|beginning| beginning.id.clone());
        let parent = ancestry.context();
        let (trace_id, sampled) = match (&ancestry, parent) {
            (Ancestry::Unsampled, _) => return None,
            (_, None) => match self.sampler.new_trace() {
                Some(trace_id) => (trace_id, true),
                // Somebody will ask: lines, or calls to other services.
                None => return Some(Tracked { request: Some(request()?), ..self.unsampled() }),
            },
            (_, Some(parent)) => (parent.trace_id, self.sampler.follows(parent)),
        };
        if !sampled && !matches!(ancestry, Ancestry::Remote(_)) {
            return None;
        }
        let flags = parent.map(|parent| parent.flags).unwrap_or_default().with_sampled(sampled);
        let trace_state = parent.map(|parent| parent.trace_state.clone()).unwrap_or_default();
        let context = SpanContext { trace_id, span_id: SpanId::random(), flags, trace_state };
        let begun = beginning.map(|beginning| beginning.at);
        let open = sampled.then(|| self.open(attributes, &ancestry, &context, begun));
        Some(Tracked { context, recorder: self.sink.id(), request: request(), open })
    }

    /// A context for a trace that begins here and is not recorded, so that no other process records it either. Those that
    /// decide by the same ratio themselves find that they should not.
    pub(super) fn unsampled(&self) -> Tracked {
        let context = SpanContext {
            trace_id: self.sampler.ratio.random_outside(),
            span_id: SpanId::random(),
            flags: Default::default(),
            trace_state: Default::default(),
        };
        Tracked { context, recorder: self.sink.id(), request: None, open: None }
    }

    /// Keeps what was [decided](Self::begin), unless another agent's layer has the span already.
    pub(super) fn keep<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>, tracked: Tracked) {
        let mut extensions = span.extensions_mut();
        if extensions.get_mut::<Tracked>().is_none() {
            let is_open = tracked.open.is_some();
            extensions.insert(tracked);
            if is_open {
                self.opened.begin();
            }
        }
    }

    /// Whether any span is being recorded: none of those that are not needs looking at.
    pub(super) fn is_recording_any(&self) -> bool {
        self.opened.any()
    }

    /// Hands over a span that has ended, after `say` has added to it: nothing in that may run code of the host, for a lock is held. Only
    /// the first call for a span does something. What is given is to be [given back](pool::give_back).
    pub(super) fn end<'a, S: LookupSpan<'a>>(
        &self,
        span: &SpanRef<'a, S>,
        ended: Instant,
        say: impl FnOnce(&mut Record),
    ) -> Option<Box<Record>> {
        let mut extensions = span.extensions_mut();
        let own = extensions.get_mut::<Tracked>().filter(|own| own.recorder == self.sink.id());
        let (tracked, mut open) = own.and_then(|own| own.open.take().map(|open| (own, open)))?;
        say(&mut open.record);
        let place = tracked.place(&open, span.metadata(), ended);
        drop(extensions);
        self.opened.end();
        open.record.card.as_deref().inspect(|card| card.end());
        self.sink.push(place, &open.record);
        Some(open.record)
    }

    pub(super) fn is_recording<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>) -> bool {
        let extensions = span.extensions();
        extensions.get::<Tracked>().is_some_and(|own| own.open.is_some() && own.recorder == self.sink.id())
    }

    /// Lets `change` add to a span that is being recorded. Nothing in it may run code of the host: a lock is held.
    pub(super) fn change<'a, S: LookupSpan<'a>>(
        &self,
        span: &SpanRef<'a, S>,
        change: impl FnOnce(&mut Record, Clock),
    ) {
        let mut extensions = span.extensions_mut();
        let own = extensions.get_mut::<Tracked>().filter(|own| own.recorder == self.sink.id());
        if let Some(open) = own.and_then(|own| own.open.as_mut()) {
            change(&mut open.record, open.clock);
        }
    }

    fn open(
        &self,
        attributes: &Attributes<'_>,
        ancestry: &Ancestry,
        context: &SpanContext,
        begun: Option<Instant>,
    ) -> Open {
        let known = if let Ancestry::Local(_, clock) = ancestry { *clock } else { None };
        let begun = begun.unwrap_or_else(Instant::now);
        let (clock, start) = known.map_or_else(|| Clock::start(begun), |clock| (clock, clock.at(begun)));
        let mut record = pool::take();
        attributes.record(&mut Fields::of_span(&mut record, &self.limits));
        let card = record.card.get_or_insert_with(Card::listed);
        card.begin(self.sink.id(), context, open::moment(clock, start), attributes.metadata());
        Open {
            parent: ancestry.context().map(|parent| parent.span_id),
            parent_is_remote: matches!(ancestry, Ancestry::Remote(_)),
            clock,
            start,
            record,
        }
    }
}

impl Tracked {
    pub(super) fn is_recorded(&self) -> bool {
        self.open.is_some()
    }

    /// What the span has said of itself, while it is being recorded.
    pub(super) fn record(&self) -> Option<&Record> {
        self.open.as_ref().map(|open| &*open.record)
    }

    pub(super) fn record_mut(&mut self) -> Option<&mut Record> {
        self.open.as_mut().map(|open| &mut *open.record)
    }

    fn place(&self, open: &Open, metadata: &'static Metadata<'static>, ended: Instant) -> Place {
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
            end: open.clock.at(ended),
        }
    }
}
