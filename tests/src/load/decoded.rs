//! The made-up spans in the form in which the store takes them: what the portal's ingest makes of a request.

use std::sync::Arc;

use anyhow::Context;
use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value},
    trace::v1::{self as otlp, span::SpanKind as OtlpKind},
};
use seaworthy_telemetry::model::{
    Attributes, Event, Resource, Scope, Span, SpanId, SpanKind, SpanStatus, TraceId, Value, text_attribute,
};

use super::agents::Batch;

/// The spans of a batch.
pub(super) fn decoded(batch: Batch, scope: &Arc<Scope>) -> anyhow::Result<Vec<Span>> {
    let attributes = attributes(batch.resource);
    let text = |name| text_attribute(&attributes, name).unwrap_or_default().to_owned();
    let resource = Resource {
        service: text("service.name"),
        instance: text("service.instance.id"),
        attributes: attributes.clone(),
    };
    let resource = Arc::new(resource);
    batch.spans.into_iter().map(|given| span(given, &resource, scope)).collect()
}

fn span(given: otlp::Span, resource: &Arc<Resource>, scope: &Arc<Scope>) -> anyhow::Result<Span> {
    Ok(Span {
        trace_id: TraceId::from_slice(&given.trace_id).context("a trace without an id")?,
        span_id: SpanId::from_slice(&given.span_id).context("a span without an id")?,
        parent: SpanId::from_slice(&given.parent_span_id),
        trace_state: given.trace_state,
        flags: given.flags,
        name: given.name,
        kind: match OtlpKind::try_from(given.kind)? {
            OtlpKind::Unspecified => SpanKind::Unspecified,
            OtlpKind::Internal => SpanKind::Internal,
            OtlpKind::Server => SpanKind::Server,
            OtlpKind::Client => SpanKind::Client,
            OtlpKind::Producer => SpanKind::Producer,
            OtlpKind::Consumer => SpanKind::Consumer,
        },
        start: given.start_time_unix_nano,
        end: given.end_time_unix_nano,
        // The generator gives a status to what failed, and to nothing else.
        status: given.status.map_or(SpanStatus::Unset, |status| SpanStatus::Error(status.message)),
        attributes: attributes(given.attributes),
        events: given.events.into_iter().map(event).collect(),
        links: Vec::new(),
        dropped_attributes: 0,
        dropped_events: 0,
        dropped_links: 0,
        resource: resource.clone(),
        scope: scope.clone(),
    })
}

fn event(given: otlp::span::Event) -> Event {
    Event {
        at: given.time_unix_nano,
        name: given.name,
        attributes: attributes(given.attributes),
        dropped_attributes: 0,
    }
}

fn attributes(given: Vec<KeyValue>) -> Attributes {
    given
        .into_iter()
        .map(|pair| {
            let value = match pair.value.and_then(|value| value.value) {
                Some(any_value::Value::StringValue(text)) => Value::String(text),
                Some(any_value::Value::IntValue(value)) => Value::Int(value),
                Some(any_value::Value::DoubleValue(value)) => Value::Double(value),
                // The generator makes no other.
                _ => Value::Empty,
            };
            (pair.key, value)
        })
        .collect()
}
