//! Shows OTLP as text that a person can check at a glance.

use std::fmt::Write;

use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{AnyValue, KeyValue, any_value::Value},
    logs::v1::LogRecord,
    trace::v1::{Span, status::StatusCode},
};

/// All spans, in the order in which they were sent.
pub(crate) fn spans(requests: &[ExportTraceServiceRequest]) -> Vec<Span> {
    let resources = requests.iter().flat_map(|request| &request.resource_spans);
    resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
}

/// All log records with the names of their scopes, in the order in which they were made.
pub(crate) fn records(requests: &[ExportLogsServiceRequest]) -> Vec<(String, LogRecord)> {
    let resources = requests.iter().flat_map(|request| &request.resource_logs);
    let scopes = resources.flat_map(|resource| &resource.scope_logs);
    let mut records: Vec<_> = scopes
        .flat_map(|scope| {
            let name = scope.scope.as_ref().unwrap().name.clone();
            scope.log_records.iter().map(move |record| (name.clone(), record.clone()))
        })
        .collect();
    records.sort_by_key(|(_, record)| record.time_unix_nano);
    records
}

/// Log records as lines, without what differs from run to run.
pub(crate) fn lines(requests: &[ExportLogsServiceRequest]) -> String {
    let mut shown = String::new();
    for (scope, record) in records(requests) {
        let body = record.body.as_ref().map(any).unwrap_or_default();
        let traced = if record.trace_id.is_empty() { "" } else { " (traced)" };
        let stable = |attribute: &&KeyValue| !attribute.key.starts_with("code.");
        let told: Vec<_> = record.attributes.iter().filter(stable).cloned().collect();
        writeln!(shown, "{} {scope}{traced} {body}{}", record.severity_text, attributes(&told)).unwrap();
    }
    shown
}

/// What an attribute of a record says.
pub(crate) fn attribute(record: &LogRecord, key: &str) -> Option<String> {
    record.attributes.iter().find(|attribute| attribute.key == key).map(|attribute| {
        match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
            Some(Value::StringValue(text)) => text.clone(),
            _ => value(attribute),
        }
    })
}

/// Spans as a tree, without what differs from run to run.
pub(crate) fn tree(requests: &[ExportTraceServiceRequest]) -> String {
    let mut spans = spans(requests);
    spans.sort_by_key(|span| span.start_time_unix_nano);
    let mut shown = String::new();
    let known = |id: &[u8]| spans.iter().any(|span| span.span_id == id);
    for root in spans.iter().filter(|span| !known(&span.parent_span_id)) {
        show(root, &spans, 0, &mut shown);
    }
    shown
}

fn show(span: &Span, spans: &[Span], depth: usize, shown: &mut String) {
    let indent = "  ".repeat(depth);
    let kind = span.kind().as_str_name().trim_start_matches("SPAN_KIND_").to_lowercase();
    let from = match (span.parent_span_id.is_empty(), depth) {
        (true, _) => " root",
        (false, 0) => " from elsewhere",
        _ => "",
    };
    writeln!(shown, "{indent}{} ({kind}{from}){}{}", span.name, status(span), attributes(&span.attributes))
        .unwrap();
    for event in &span.events {
        writeln!(shown, "{indent}  * {}{}", event.name, attributes(&event.attributes)).unwrap();
    }
    let dropped = [span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count];
    if dropped != [0; 3] {
        writeln!(
            shown,
            "{indent}  dropped: {} attributes, {} events, {} links",
            dropped[0], dropped[1], dropped[2]
        )
        .unwrap();
    }
    for link in &span.links {
        let to = spans.iter().find(|other| other.span_id == link.span_id);
        writeln!(shown, "{indent}  -> {}", to.map_or("?", |to| to.name.as_str())).unwrap();
    }
    for child in spans.iter().filter(|child| child.parent_span_id == span.span_id) {
        assert_eq!(child.trace_id, span.trace_id, "{} and {} are in one trace", child.name, span.name);
        show(child, spans, depth + 1, shown);
    }
}

fn status(span: &Span) -> String {
    match &span.status {
        None => String::new(),
        Some(status) if status.code() == StatusCode::Error => format!(" ERROR {:?}", status.message),
        Some(_) => " OK".into(),
    }
}

fn attributes(attributes: &[KeyValue]) -> String {
    attributes
        .iter()
        .fold(String::new(), |shown, attribute| shown + &format!(" {}={}", attribute.key, value(attribute)))
}

fn value(attribute: &KeyValue) -> String {
    attribute.value.as_ref().map(any).unwrap_or_default()
}

fn any(value: &AnyValue) -> String {
    match value.value.as_ref() {
        Some(Value::StringValue(text)) => format!("{text:?}"),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => format!("{value:?}"),
        other => format!("{other:?}"),
    }
}
