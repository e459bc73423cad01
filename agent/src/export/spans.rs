//! Spans as OTLP.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span, status},
};

use super::resource::{key_value, scope, text};
use crate::{
    mask::{Mask, REDACTED},
    trace::{
        SpanContext,
        record::{self, Attribute, Event, EventName, Kind, Value},
        {Batch, SpanOfBatch},
    },
};

/// Spans of this resource; each belongs to the scope that its `tracing` target names.
pub(crate) fn request(resource: &Resource, batches: &[Batch], mask: &Mask) -> ExportTraceServiceRequest {
    let mut scopes: BTreeMap<&'static str, Vec<Span>> = BTreeMap::new();
    for recorded in batches.iter().flat_map(Batch::iter) {
        scopes.entry(recorded.place.metadata.target()).or_default().push(span(&recorded, mask));
    }
    let scope_spans = scopes
        .into_iter()
        .map(|(target, spans)| ScopeSpans { scope: Some(scope(target)), spans, schema_url: String::new() })
        .collect();
    let resource_spans =
        ResourceSpans { resource: Some(resource.clone()), scope_spans, schema_url: String::new() };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }
}

fn span(recorded: &SpanOfBatch<'_>, mask: &Mask) -> Span {
    let (place, head, texts) = (recorded.place, recorded.head, recorded.texts);
    Span {
        trace_id: place.trace_id.to_bytes().to_vec(),
        span_id: place.span_id.to_bytes().to_vec(),
        trace_state: place.trace_state.as_str().to_owned(),
        parent_span_id: place.parent.map(|parent| parent.to_bytes().to_vec()).unwrap_or_default(),
        flags: place.flags,
        name: mask.text(head.name.map_or(place.metadata.name(), |name| name.of(texts))).into_owned(),
        kind: kind(head.kind).into(),
        start_time_unix_nano: place.start,
        end_time_unix_nano: place.end,
        attributes: attributes(recorded.attributes, texts, mask),
        dropped_attributes_count: head.dropped_attributes,
        events: events(recorded, mask),
        dropped_events_count: head.dropped_events,
        links: recorded.links.iter().map(link).collect(),
        dropped_links_count: head.dropped_links,
        status: status(head, texts, mask),
    }
}

fn kind(kind: Kind) -> span::SpanKind {
    match kind {
        Kind::Internal => span::SpanKind::Internal,
        Kind::Server => span::SpanKind::Server,
        Kind::Client => span::SpanKind::Client,
        Kind::Producer => span::SpanKind::Producer,
        Kind::Consumer => span::SpanKind::Consumer,
    }
}

fn status(head: &record::Head, texts: &str, mask: &Mask) -> Option<Status> {
    let code = match head.status {
        record::Status::Unset => return None,
        record::Status::Ok => status::StatusCode::Ok,
        record::Status::Error => status::StatusCode::Error,
    };
    // OpenTelemetry knows a message of errors only.
    let message = head.status_message.filter(|_| code == status::StatusCode::Error);
    Some(Status {
        message: message.map(|message| mask.text(message.of(texts)).into_owned()).unwrap_or_default(),
        code: code.into(),
    })
}

fn attributes(attributes: &[Attribute], texts: &str, mask: &Mask) -> Vec<KeyValue> {
    attributes.iter().map(|attribute| masked(attribute, texts, mask)).collect()
}

/// An attribute as it may be told. Numbers are no secrets, but where the name says so.
pub(super) fn masked(attribute: &Attribute, texts: &str, mask: &Mask) -> KeyValue {
    let key = attribute.key;
    let value = match attribute.value {
        Value::Bool(value) => any_value::Value::BoolValue(value),
        Value::Int(_) | Value::Double(_) if mask.is_secret(key) => {
            any_value::Value::StringValue(REDACTED.to_owned())
        }
        Value::Int(value) => any_value::Value::IntValue(value),
        Value::Double(value) => any_value::Value::DoubleValue(value),
        Value::Text(text) => any_value::Value::StringValue(mask.value(key, text.of(texts)).into_owned()),
    };
    key_value(key, value)
}

fn events(recorded: &SpanOfBatch<'_>, mask: &Mask) -> Vec<span::Event> {
    let mut rest = recorded.event_attributes;
    let event = |event: &Event| {
        let (own, others) = rest.split_at_checked(event.attributes as usize).unwrap_or((rest, &[]));
        rest = others;
        span::Event {
            time_unix_nano: event.at,
            name: mask.text(event_name(event, recorded.texts)).into_owned(),
            attributes: event_attributes(event, own, recorded.texts, mask),
            dropped_attributes_count: event.dropped_attributes,
        }
    };
    recorded.events.iter().map(event).collect()
}

fn event_name<'a>(event: &Event, texts: &'a str) -> &'a str {
    match event.name {
        EventName::Callsite => event.metadata.name(),
        EventName::Message(name) => name.of(texts),
        EventName::Exception => "exception",
    }
}

/// Level and target as `tracing-opentelemetry` names them, which is what dashboards look for.
fn event_attributes(event: &Event, own: &[Attribute], texts: &str, mask: &Mask) -> Vec<KeyValue> {
    let said = [text("level", event.metadata.level().as_str()), text("target", event.metadata.target())];
    said.into_iter().chain(attributes(own, texts, mask)).collect()
}

fn link(to: &SpanContext) -> span::Link {
    span::Link {
        trace_id: to.trace_id.to_bytes().to_vec(),
        span_id: to.span_id.to_bytes().to_vec(),
        trace_state: to.trace_state.as_str().to_owned(),
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        flags: to.flags.to_byte().into(),
    }
}
