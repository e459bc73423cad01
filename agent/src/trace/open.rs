//! The spans that are recorded and have not ended, for whoever asks what goes on.
//!
//! Making and ending a span is the hottest path of the agent, so neither takes a lock for this. Each record, which is used again
//! and again by one span after the other, has a card that is listed once and for all. A span writes on the card of its record:
//! some plain stores. Whoever reads sees by the version whether it has read something whole (a seqlock).

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, PoisonError, RwLock,
        atomic::{
            AtomicU64, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
            fence,
        },
    },
    time::{Duration, Instant},
};

use tracing::Metadata;

use super::{SpanContext, SpanId, TraceId, clock::Clock};
use crate::{
    http::is_request_span,
    now::{Entry, Keep, Live},
};

/// Cards that are listed, some 150 bytes each. Spans with other cards are counted.
const MOST_CARDS: usize = 65_536;
/// Attempts to read a card that is just being written.
const ATTEMPTS: usize = 4;

static CARDS: LazyLock<Arc<Live<Card>>> = LazyLock::new(|| Live::new(MOST_CARDS));
/// What spans are made of, by its address: a card holds numbers only. Known since the layer was told of the callsite.
static CODE: LazyLock<RwLock<HashMap<usize, &'static Metadata<'static>>>> = LazyLock::new(RwLock::default);
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// On which a record says what span it is of.
#[derive(Debug, Default)]
pub(crate) struct Card {
    /// Odd while it is being written.
    version: AtomicU64,
    /// Zero while there is no span.
    recorder: AtomicU64,
    /// Nanoseconds since [`START`].
    begun: AtomicU64,
    trace: [AtomicU64; 2],
    span: AtomicU64,
    code: AtomicUsize,
}

/// A span that has not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenSpan {
    pub(crate) begun: Instant,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) metadata: Option<&'static Metadata<'static>>,
}

impl Card {
    /// A card that is listed as long as its record lives.
    pub(super) fn listed() -> Entry<Self> {
        CARDS.enter(Self::default())
    }

    /// A span begins. There is one writer at a time: who makes the span has its record to itself.
    pub(super) fn begin(
        &self,
        recorder: u64,
        context: &SpanContext,
        begun: u64,
        metadata: &'static Metadata<'static>,
    ) {
        let version = self.version.load(Relaxed);
        self.version.store(version.wrapping_add(1), Relaxed);
        fence(Release);
        let trace = context.trace_id.to_number();
        self.recorder.store(recorder, Relaxed);
        self.begun.store(begun, Relaxed);
        self.trace[0].store((trace >> 64) as u64, Relaxed);
        self.trace[1].store(trace as u64, Relaxed);
        self.span.store(u64::from_be_bytes(context.span_id.to_bytes()), Relaxed);
        self.code.store(address(metadata), Relaxed);
        self.version.store(version.wrapping_add(2), Release);
    }

    /// The span has ended.
    pub(super) fn end(&self) {
        self.recorder.store(0, Relaxed);
    }

    /// What it says, if it is of a span of this recorder; none as well where it is written all the time, by spans too short to
    /// be of interest.
    fn read(&self, recorder: u64) -> Option<OpenCard> {
        (0..ATTEMPTS).find_map(|_| self.read_once()).filter(|card| card.recorder == recorder)
    }

    fn read_once(&self) -> Option<OpenCard> {
        let version = self.version.load(Acquire);
        let card = OpenCard {
            recorder: self.recorder.load(Relaxed),
            begun: self.begun.load(Relaxed),
            trace: u128::from(self.trace[0].load(Relaxed)) << 64 | u128::from(self.trace[1].load(Relaxed)),
            span: self.span.load(Relaxed),
            code: self.code.load(Relaxed),
        };
        fence(Acquire);
        (version.is_multiple_of(2) && self.version.load(Relaxed) == version).then_some(card)
    }
}

/// What was on a card.
#[derive(Clone, Copy)]
struct OpenCard {
    recorder: u64,
    begun: u64,
    trace: u128,
    span: u64,
    code: usize,
}

impl OpenCard {
    fn span(self, metadata: Option<&'static Metadata<'static>>) -> Option<OpenSpan> {
        Some(OpenSpan {
            begun: *START + Duration::from_nanos(self.begun),
            trace_id: TraceId::from_number(self.trace)?,
            span_id: SpanId::from_number(self.span)?,
            metadata,
        })
    }
}

/// Spans can come from this code from now on.
pub(super) fn know(metadata: &'static Metadata<'static>) {
    CODE.write().unwrap_or_else(PoisonError::into_inner).insert(address(metadata), metadata);
}

fn address(metadata: &'static Metadata<'static>) -> usize {
    std::ptr::from_ref(metadata).addr()
}

/// A moment of a trace's clock as cards keep it.
pub(super) fn moment(clock: Clock, at: u64) -> u64 {
    let origin = clock.origin().saturating_duration_since(*START);
    u64::try_from(origin.as_nanos()).unwrap_or(u64::MAX).saturating_add(clock.since_origin(at))
}

/// The oldest `most` open spans of this recorder, and how many there are, near enough when there are more than can be listed.
/// Without those of requests, which are told of by themselves.
pub(crate) fn oldest(recorder: u64, most: usize) -> (Vec<OpenSpan>, usize) {
    let code = CODE.read().unwrap_or_else(PoisonError::into_inner);
    let is_request = |card: &OpenCard| code.get(&card.code).is_some_and(|code| is_request_span(code));
    let (mut oldest, mut listed, mut open) = (Keep::new(most), 0, 0);
    CARDS.each(|card| {
        listed += 1;
        if let Some(card) = card.read(recorder).filter(|card| !is_request(card)) {
            open += 1;
            oldest.offer(card.begun, || card);
        }
    });
    let not_listed = CARDS.count().saturating_sub(listed);
    let spans = oldest.into_vec().into_iter();
    (spans.filter_map(|card| card.span(code.get(&card.code).copied())).collect(), open + not_listed)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, AtomicUsize},
        thread,
    };

    use super::*;

    fn context(number: u64) -> SpanContext {
        SpanContext {
            trace_id: TraceId::from_number(u128::from(number) << 64 | u128::from(number)).unwrap(),
            span_id: SpanId::from_number(number).unwrap(),
            flags: Default::default(),
            trace_state: Default::default(),
        }
    }

    fn metadata() -> &'static Metadata<'static> {
        let always = tracing_subscriber::registry();
        let span = || tracing::info_span!("of a test").metadata().unwrap();
        tracing::subscriber::with_default(always, span)
    }

    #[test]
    fn what_is_read_is_whole() {
        let (card, done, metadata) = (Card::default(), AtomicBool::new(false), metadata());
        let seen = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                // On a busy machine the other thread may not have come to read anything for long.
                let is_enough = |number| number > 200_000 && seen.load(Relaxed) > 1_000;
                for number in (1..100_000_000).take_while(|number| !is_enough(*number)) {
                    card.begin(7, &context(number), number, metadata);
                    if number % 3 == 0 {
                        card.end();
                    }
                }
                done.store(true, Relaxed);
            });
            while !done.load(Relaxed) {
                if let Some(read) = card.read(7) {
                    let number = u128::from(read.begun);
                    assert_eq!((read.trace, u128::from(read.span)), (number << 64 | number, number));
                    seen.fetch_add(1, Relaxed);
                }
            }
        });
        assert!(seen.load(Relaxed) > 0);
    }
}
