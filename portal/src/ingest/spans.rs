//! Spans of OTLP as the store knows them. Pure.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{self as otlp, span, status::StatusCode},
};
use seaworthy_telemetry::model::{Event, Link, Resource, Scope, Span, SpanId, SpanKind, SpanStatus, TraceId};

use super::{
    attributes::{attributes, resource, scope},
    bounds::TimeBounds,
    rejected::Rejected,
};

/// The spans of a request that can be stored, and a count of those that cannot.
pub(super) fn spans(request: ExportTraceServiceRequest, bounds: TimeBounds) -> (Vec<Span>, Rejected) {
    let mut rejected = Rejected::default();
    let mut converted = Vec::new();
    for group in request.resource_spans {
        let resource = resource(group.resource);
        for group in group.scope_spans {
            let scope = scope(group.scope);
            converted.reserve(group.spans.len());
            for given in group.spans {
                match checked(&given, bounds) {
                    Ok(ids) => converted.push(span(given, ids, &resource, &scope)),
                    Err(reason) => rejected.add(reason, &given.name, 1),
                }
            }
        }
    }
    (converted, rejected)
}

/// The ids of a span that can be stored.
struct Ids {
    trace_id: TraceId,
    span_id: SpanId,
    parent: Option<SpanId>,
}

fn checked(given: &otlp::Span, bounds: TimeBounds) -> Result<Ids, &'static str> {
    let trace_id = TraceId::from_slice(&given.trace_id)
        .ok_or("its trace id is not 16 bytes, or all of them are zero")?;
    let span_id =
        SpanId::from_slice(&given.span_id).ok_or("its span id is not 8 bytes, or all of them are zero")?;
    let parent = match given.parent_span_id.as_slice() {
        [] | [0, 0, 0, 0, 0, 0, 0, 0] => None,
        bytes => Some(SpanId::from_slice(bytes).ok_or("its parent's id is not 8 bytes")?),
    };
    let (start, end) = (given.start_time_unix_nano, given.end_time_unix_nano);
    if !bounds.allow(start) || !bounds.allow(end.max(start)) {
        return Err(TimeBounds::REASON);
    }
    Ok(Ids { trace_id, span_id, parent })
}

fn span(given: otlp::Span, ids: Ids, resource: &Arc<Resource>, scope: &Arc<Scope>) -> Span {
    let start = given.start_time_unix_nano;
    Span {
        trace_id: ids.trace_id,
        span_id: ids.span_id,
        parent: ids.parent,
        trace_state: given.trace_state,
        flags: given.flags,
        name: given.name,
        kind: kind(given.kind),
        start,
        end: given.end_time_unix_nano.max(start),
        status: status(given.status),
        attributes: attributes(given.attributes),
        events: given.events.into_iter().map(event).collect(),
        links: given.links.into_iter().filter_map(link).collect(),
        dropped_attributes: given.dropped_attributes_count,
        dropped_events: given.dropped_events_count,
        dropped_links: given.dropped_links_count,
        resource: resource.clone(),
        scope: scope.clone(),
    }
}

fn kind(given: i32) -> SpanKind {
    match span::SpanKind::try_from(given) {
        Ok(span::SpanKind::Internal) => SpanKind::Internal,
        Ok(span::SpanKind::Server) => SpanKind::Server,
        Ok(span::SpanKind::Client) => SpanKind::Client,
        Ok(span::SpanKind::Producer) => SpanKind::Producer,
        Ok(span::SpanKind::Consumer) => SpanKind::Consumer,
        Ok(span::SpanKind::Unspecified) | Err(_) => SpanKind::Unspecified,
    }
}

fn status(given: Option<otlp::Status>) -> SpanStatus {
    let Some(given) = given else { return SpanStatus::Unset };
    match StatusCode::try_from(given.code) {
        Ok(StatusCode::Ok) => SpanStatus::Ok,
        Ok(StatusCode::Error) => SpanStatus::Error(given.message),
        Ok(StatusCode::Unset) | Err(_) => SpanStatus::Unset,
    }
}

fn event(given: span::Event) -> Event {
    Event {
        at: given.time_unix_nano,
        name: given.name,
        attributes: attributes(given.attributes),
        dropped_attributes: given.dropped_attributes_count,
    }
}

/// A link to nowhere is left out: the span is worth more than its refusal.
fn link(given: span::Link) -> Option<Link> {
    Some(Link {
        trace_id: TraceId::from_slice(&given.trace_id)?,
        span_id: SpanId::from_slice(&given.span_id)?,
        trace_state: given.trace_state,
        attributes: attributes(given.attributes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_of_the_time_that_is_kept_from_its_start_to_its_end() {
        const NOW: u64 = 1_800_000_000_000_000_000;
        const HOUR: u64 = 3_600_000_000_000;
        let now = jiff::Timestamp::from_nanosecond(i128::from(NOW)).unwrap();
        let cases = [
            (NOW - HOUR, NOW, Ok(HOUR)),
            (NOW, NOW + HOUR, Ok(HOUR)),
            // It ended before it began, or has not said when: a clock was set back.
            (NOW, NOW - HOUR, Ok(0)),
            (NOW, 0, Ok(0)),
            (NOW, NOW + HOUR + 1, Err(TimeBounds::REASON)),
            (NOW, u64::MAX, Err(TimeBounds::REASON)),
            (NOW - 25 * HOUR, NOW, Err(TimeBounds::REASON)),
            (u64::MAX, 0, Err(TimeBounds::REASON)),
        ];
        for (start, end, expected) in cases {
            let given = otlp::Span {
                trace_id: vec![1; 16],
                span_id: vec![2; 8],
                start_time_unix_nano: start,
                end_time_unix_nano: end,
                ..otlp::Span::default()
            };
            let span = |ids| span(given.clone(), ids, &resource(None), &scope(None));
            let span = checked(&given, TimeBounds::new(now, 1)).map(span);
            assert_eq!(span.map(|span| span.duration()), expected, "{start} to {end}");
        }
    }
}
