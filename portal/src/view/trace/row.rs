//! One span as a row of the waterfall.

use std::collections::HashSet;

use seaworthy_telemetry::model::{Attributes, Span, SpanKind, SpanStatus, UnixNanos, Value};

use super::{AttributeRow, EventRow, LinkRow, SpanRow, critical_path::Critical, tree::Tree};

/// A span's row; its place in the tree is filled in by the caller.
pub(super) fn row(
    spans: &[Span],
    tree: &Tree,
    index: usize,
    trace_start: UnixNanos,
    critical: &Critical,
) -> SpanRow {
    let span = &spans[index];
    let mut parts: Vec<(u64, u64)> = critical
        .get(&index)
        .into_iter()
        .flatten()
        .map(|(from, to)| (from - trace_start, to - from))
        .collect();
    parts.sort_unstable();
    SpanRow {
        span_id: span.span_id.to_string(),
        parent_span_id: span.parent.map(|parent| parent.to_string()),
        depth: 0,
        descendants: 0,
        name: span.name.clone(),
        service: span.resource.service.clone(),
        instance: span.resource.instance.clone(),
        kind: kind(span.kind),
        system: system(span),
        offset_nanos: span.start - trace_start,
        duration_nanos: span.duration(),
        own_nanos: own_time(spans, tree, index),
        critical: parts,
        error: span.is_error(),
        status_message: match &span.status {
            SpanStatus::Error(message) => message.clone(),
            SpanStatus::Ok | SpanStatus::Unset => String::new(),
        },
        attributes: attribute_rows(&span.attributes),
        events: events(span, trace_start),
        links: span
            .links
            .iter()
            .map(|link| LinkRow { trace_id: link.trace_id.to_string(), span_id: link.span_id.to_string() })
            .collect(),
        resource: attribute_rows(&span.resource.attributes),
        scope: format!("{} {}", span.scope.name, span.scope.version).trim().to_owned(),
        dropped: span
            .dropped_attributes
            .saturating_add(span.dropped_events)
            .saturating_add(span.dropped_links),
    }
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Unspecified => "unspecified",
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}

fn system(span: &Span) -> Option<String> {
    ["db.system.name", "db.system", "messaging.system"].into_iter().find_map(|key| {
        span.attributes
            .iter()
            .find(|(known, _)| known == key)
            .and_then(|(_, value)| Some(value.as_text()?.into_owned()))
    })
}

/// The time in which none of its children ran.
fn own_time(spans: &[Span], tree: &Tree, index: usize) -> u64 {
    let span = &spans[index];
    let mut covered = 0;
    let mut reached = span.start;
    for child in &tree.children[index] {
        let (start, end) = (spans[*child].start.max(reached), spans[*child].end.min(span.end));
        if start < end {
            covered += end - start;
            reached = end;
        }
    }
    span.duration().saturating_sub(covered)
}

fn events(span: &Span, trace_start: UnixNanos) -> Vec<EventRow> {
    let mut events: Vec<EventRow> = span
        .events
        .iter()
        .map(|event| EventRow {
            offset_nanos: (i128::from(event.at) - i128::from(trace_start))
                .clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            name: event.name.clone(),
            attributes: attribute_rows(&event.attributes),
        })
        .collect();
    events.sort_by_key(|event| event.offset_nanos);
    events
}

pub(crate) fn attribute_rows(attributes: &Attributes) -> Vec<AttributeRow> {
    let mut seen = HashSet::new();
    attributes
        .iter()
        .filter(|(key, _)| seen.insert(key))
        .map(|(key, value)| AttributeRow { key: key.clone(), value: value_text(value) })
        .collect()
}

pub(crate) fn value_text(value: &Value) -> String {
    match value.as_text() {
        Some(text) => text.into_owned(),
        None => json(value).to_string(),
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Empty => serde_json::Value::Null,
        Value::String(text) => text.as_str().into(),
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Double(value) => (*value).into(),
        Value::Bytes(bytes) => hex::encode(bytes).into(),
        Value::Array(values) => values.iter().map(json).collect(),
        Value::Map(values) => values.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
    }
}
