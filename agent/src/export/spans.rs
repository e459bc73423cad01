//! Spans as OTLP. The numbers are those of the fields in OpenTelemetry's `trace.proto`.

use opentelemetry_proto::tonic::{
    resource::v1::Resource,
    trace::v1::{span::SpanKind, status::StatusCode},
};

use super::{attributes, scopes::Scopes, wire::Message};
use crate::{
    mask::Mask,
    trace::{
        Batch, SpanContext, SpanOfBatch,
        record::{Event, EventName, Head, Kind, Status},
    },
};

/// An `ExportTraceServiceRequest` with the spans of this resource; each belongs to the scope that its `tracing` target names.
pub(crate) fn request(resource: &Resource, batches: &[Batch], mask: &Mask) -> Vec<u8> {
    let mut scopes = Scopes::default();
    for recorded in batches.iter().flat_map(Batch::iter) {
        scopes.add(recorded.place.metadata.target(), |span| write(span, &recorded, mask));
    }
    scopes.request(resource)
}

fn write(span: &mut Message<'_>, recorded: &SpanOfBatch<'_>, mask: &Mask) {
    let (place, head, texts) = (recorded.place, recorded.head, recorded.texts);
    span.bytes(1, &place.trace_id.to_bytes());
    span.bytes(2, &place.span_id.to_bytes());
    span.bytes(3, place.trace_state.as_str().as_bytes());
    if let Some(parent) = place.parent {
        span.bytes(4, &parent.to_bytes());
    }
    let name = head.name.map_or(place.metadata.name(), |name| name.of(texts));
    span.bytes(5, mask.text(name).as_bytes());
    span.number(6, kind(head.kind) as u64);
    span.fixed64(7, place.start);
    span.fixed64(8, place.end);
    for attribute in recorded.attributes {
        attributes::write_masked(span, 9, attribute, texts, mask);
    }
    span.number(10, head.dropped_attributes.into());
    write_events(span, recorded, mask);
    span.number(12, head.dropped_events.into());
    for to in recorded.links {
        span.message(13, |link| write_link(link, to));
    }
    span.number(14, head.dropped_links.into());
    write_status(span, head, texts, mask);
    span.fixed32(16, place.flags);
}

fn kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Internal => SpanKind::Internal,
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
    }
}

fn write_status(span: &mut Message<'_>, head: &Head, texts: &str, mask: &Mask) {
    let code = match head.status {
        Status::Unset => return,
        Status::Ok => StatusCode::Ok,
        Status::Error => StatusCode::Error,
    };
    // OpenTelemetry knows a message of errors only.
    let message = head.status_message.filter(|_| code == StatusCode::Error);
    span.message(15, |status| {
        if let Some(message) = message {
            status.bytes(2, mask.text(message.of(texts)).as_bytes());
        }
        status.number(3, code as u64);
    });
}

fn write_events(span: &mut Message<'_>, recorded: &SpanOfBatch<'_>, mask: &Mask) {
    let (mut rest, texts) = (recorded.event_attributes, recorded.texts);
    for event in recorded.events {
        let (own, others) = rest.split_at_checked(event.attributes as usize).unwrap_or((rest, &[]));
        rest = others;
        span.message(11, |message| {
            message.fixed64(1, event.at);
            message.bytes(2, mask.text(event_name(event, texts)).as_bytes());
            // Level and target as `tracing-opentelemetry` names them, which is what dashboards look for.
            attributes::write_text(message, 3, "level", event.metadata.level().as_str());
            attributes::write_text(message, 3, "target", event.metadata.target());
            own.iter().for_each(|attribute| attributes::write_masked(message, 3, attribute, texts, mask));
            message.number(4, event.dropped_attributes.into());
        });
    }
}

fn event_name<'a>(event: &Event, texts: &'a str) -> &'a str {
    match event.name {
        EventName::Callsite => event.metadata.name(),
        EventName::Message(name) => name.of(texts),
        EventName::Exception => "exception",
    }
}

fn write_link(link: &mut Message<'_>, to: &SpanContext) {
    link.bytes(1, &to.trace_id.to_bytes());
    link.bytes(2, &to.span_id.to_bytes());
    link.bytes(3, to.trace_state.as_str().as_bytes());
    link.fixed32(6, to.flags.to_byte().into());
}
