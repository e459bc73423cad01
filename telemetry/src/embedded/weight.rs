//! What spans, points and lines weigh in memory, about: enough to bound how much may wait.

use std::mem::size_of;

use crate::{
    log::LogRecord,
    metric::{MetricPoint, PointValue},
    model::{Event, Link, Span, SpanStatus, Value},
};

/// Bytes of a span, without the resource and the scope that it shares with others.
pub(super) fn weight(span: &Span) -> usize {
    let message = match &span.status {
        SpanStatus::Error(message) => message.len(),
        SpanStatus::Unset | SpanStatus::Ok => 0,
    };
    let events =
        span.events.iter().map(|event| size_of::<Event>() + event.name.len() + attributes(&event.attributes));
    let links = span
        .links
        .iter()
        .map(|link| size_of::<Link>() + link.trace_state.len() + attributes(&link.attributes));
    size_of::<Span>()
        + span.name.len()
        + span.trace_state.len()
        + message
        + attributes(&span.attributes)
        + events.sum::<usize>()
        + links.sum::<usize>()
}

/// Bytes of a point, without its resource.
pub(super) fn point_weight(point: &MetricPoint) -> usize {
    let buckets = match &point.value {
        PointValue::Number(_) => 0,
        PointValue::Explicit(histogram) => histogram.counts.len() + histogram.bounds.len(),
        PointValue::Exponential(histogram) => {
            histogram.positive.counts.len() + histogram.negative.counts.len()
        }
    };
    size_of::<MetricPoint>() + attributes(&point.attributes) + buckets * size_of::<u64>()
}

/// Bytes of a line, without the resource and the scope that it shares with others.
pub(super) fn line_weight(line: &LogRecord) -> usize {
    size_of::<LogRecord>()
        + line.severity_text.len()
        + line.event_name.len()
        + value(&line.body)
        + attributes(&line.attributes)
}

fn attributes(attributes: &[(String, Value)]) -> usize {
    attributes.iter().map(|(key, held)| size_of::<(String, Value)>() + key.len() + value(held)).sum()
}

fn value(held: &Value) -> usize {
    match held {
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Array(values) => values.iter().map(|held| size_of::<Value>() + value(held)).sum(),
        Value::Map(held) => attributes(held),
    }
}
