//! Makes traces: trees of spans across services, the same for the same seed.

use opentelemetry_proto::tonic::trace::v1::{
    Span, Status,
    span::{Event, SpanKind},
    status::StatusCode,
};

use super::{
    attributes::{Errand, int, text},
    dice::Dice,
    topology::{Kind, SERVICES, Service, Step, requests},
};

/// One in so many pieces of work fails, and takes what waits for it with it.
const FAILURES: f64 = 0.000_7;
/// One in so many traces meets something slow.
const SLOW: f64 = 0.01;
const STACK: &str = "  at shop::store::query (src/store.rs:118)\n  at shop::orders::place (src/orders.rs:64)\n  \
    at axum::handler::call (axum/src/handler/mod.rs:212)\n  at tokio::runtime::task::raw::poll (tokio/src/runtime/task/raw.rs:201)";

/// A trace, each span with the instance that made it: an index into [`instances`].
pub(super) struct Trace {
    pub(super) id: [u8; 16],
    pub(super) spans: Vec<(usize, Span)>,
    pub(super) errand: Errand,
}

/// Every instance of every service: its service and its number in it.
pub(super) fn instances() -> Vec<(Service, usize)> {
    SERVICES
        .iter()
        .enumerate()
        .flat_map(|(service, (_, count))| (0..*count).map(move |number| (service, number)))
        .collect()
}

/// Makes one trace after the other.
pub(super) struct Generator {
    dice: Dice,
    requests: Vec<(u32, Step)>,
    /// The index of a service's first instance.
    first_instance: Vec<usize>,
}

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        let first_instance = SERVICES.iter().scan(0, |next, (_, count)| {
            let first = *next;
            *next += count;
            Some(first)
        });
        Self { dice: Dice::new(seed), requests: requests(), first_instance: first_instance.collect() }
    }

    /// A trace that starts at this time, in nanoseconds since the epoch.
    pub(super) fn trace(&mut self, start: u64) -> Trace {
        let id = self.dice.bytes();
        let errand = Errand::new(&mut self.dice);
        let slowness = if self.dice.chance(SLOW) { 5 + self.dice.below(30) as u64 } else { 1 };
        let all: u32 = self.requests.iter().map(|(weight, _)| weight).sum();
        let mut place = self.dice.below(all as usize) as u32;
        let mut made = Making {
            dice: &mut self.dice,
            first_instance: &self.first_instance,
            chosen: [None; SERVICES.len()],
            trace: Trace { id, spans: Vec::with_capacity(32), errand },
            slowness,
        };
        for (weight, root) in &self.requests {
            if place < *weight {
                made.span(root, &[], start);
                break;
            }
            place -= weight;
        }
        made.trace
    }
}

struct Making<'g> {
    dice: &'g mut Dice,
    first_instance: &'g [usize],
    /// The instance of each service that this trace runs through.
    chosen: [Option<usize>; SERVICES.len()],
    trace: Trace,
    slowness: u64,
}

impl Making<'_> {
    /// Makes the span of a step and of what happens inside; says when it ended and whether it failed.
    fn span(&mut self, step: &Step, parent: &[u8], start: u64) -> (u64, bool) {
        let id: [u8; 8] = self.dice.bytes();
        let place = self.trace.spans.len();
        let instance = self.instance(step.service);
        self.trace.spans.push((instance, Span::default()));
        let own = self.dice.around(u64::from(step.own_micros) * 1_000 * self.slowness);
        let mut now = start + own / 2;
        let mut failed = step.steps.is_empty() && self.dice.chance(FAILURES);
        for inner in &step.steps {
            let (ended, inner_failed) = self.span(inner, &id, now);
            now = ended + 1_000 + self.dice.below(20_000) as u64;
            // Nobody waits for who takes a message from a queue.
            if inner_failed && !matches!(inner.kind, Kind::Consume(_)) {
                failed = true;
                break;
            }
        }
        let end = now + own / 2;
        let span = Span {
            trace_id: self.trace.id.to_vec(),
            span_id: id.to_vec(),
            parent_span_id: parent.to_vec(),
            flags: 0x101,
            name: name(step.kind),
            kind: role(step.kind) as i32,
            start_time_unix_nano: start,
            end_time_unix_nano: end,
            attributes: self.trace.errand.attributes(step.service, step.kind, failed),
            events: if failed && step.steps.is_empty() { vec![exception(end)] } else { Vec::new() },
            status: failed.then(|| failure(step.kind)),
            ..Span::default()
        };
        self.trace.spans[place].1 = span;
        (end, failed)
    }

    fn instance(&mut self, service: Service) -> usize {
        let (dice, first) = (&mut *self.dice, self.first_instance[service]);
        *self.chosen[service].get_or_insert_with(|| first + dice.below(SERVICES[service].1))
    }
}

fn name(kind: Kind) -> String {
    match kind {
        Kind::Serve(method, route) | Kind::Call(_, method, route) => format!("{method} {route}"),
        Kind::Query(operation, table, _) => format!("{operation} {table}"),
        Kind::Produce(queue) => format!("send {queue}"),
        Kind::Consume(queue) => format!("process {queue}"),
        Kind::Work(what) => what.to_owned(),
    }
}

fn role(kind: Kind) -> SpanKind {
    match kind {
        Kind::Serve(..) => SpanKind::Server,
        Kind::Call(..) | Kind::Query(..) => SpanKind::Client,
        Kind::Produce(_) => SpanKind::Producer,
        Kind::Consume(_) => SpanKind::Consumer,
        Kind::Work(_) => SpanKind::Internal,
    }
}

fn failure(kind: Kind) -> Status {
    let message = match kind {
        Kind::Query(_, table, _) => format!("deadlock detected on {table}"),
        Kind::Work(what) => format!("{what} failed: no milk left"),
        _ => String::new(),
    };
    Status { message, code: StatusCode::Error as i32 }
}

fn exception(at: u64) -> Event {
    Event {
        time_unix_nano: at,
        name: "exception".into(),
        attributes: vec![
            text("exception.type", "shop::Failure"),
            text("exception.message", "the other side gave up"),
            text("exception.stacktrace", STACK),
            int("retries", 0),
        ],
        ..Event::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_traces() {
        let traces = |seed| {
            let mut generator = Generator::new(seed);
            (0..50).map(|n| generator.trace(n * 1_000).spans).collect::<Vec<_>>()
        };
        assert_eq!(traces(1), traces(1));
        assert_ne!(traces(1), traces(2));
    }

    #[test]
    fn traces_are_whole_trees_and_some_of_them_fail() {
        let mut generator = Generator::new(7);
        let (mut failed, mut services) = (0, HashSet::new());
        for _ in 0..2_000 {
            let trace = generator.trace(1_000_000);
            let ids: HashSet<_> = trace.spans.iter().map(|(_, span)| &span.span_id).collect();
            assert_eq!(ids.len(), trace.spans.len());
            let roots = trace.spans.iter().filter(|(_, span)| span.parent_span_id.is_empty()).count();
            assert_eq!(roots, 1);
            for (instance, span) in &trace.spans {
                assert!(span.parent_span_id.is_empty() || ids.contains(&span.parent_span_id));
                assert!(span.start_time_unix_nano <= span.end_time_unix_nano && !span.attributes.is_empty());
                services.insert(instances()[*instance].0);
            }
            failed += usize::from(trace.spans.iter().any(|(_, span)| span.status.is_some()));
        }
        assert_eq!(services.len(), SERVICES.len());
        assert!((5..100).contains(&failed), "{failed} of 2000 failed");
    }
}
