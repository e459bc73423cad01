//! Spans, points and stores for tests.

use std::sync::Arc;

use seaworthy_telemetry::{
    EmbeddedSettings, EmbeddedStore,
    log::LogRecord,
    metric::{MetricKind, MetricPoint, PointValue, Temporality},
    model::{Resource, Scope, Span, SpanId, SpanKind, SpanStatus, TraceId, TraceQuery, Value, Window},
};
use tempfile::TempDir;

/// Noon on 2026-11-20.
pub(crate) const NOON: u64 = 1_795_176_000_000_000_000;
pub(crate) const SECOND: u64 = 1_000_000_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const DAY: u64 = 24 * 60 * MINUTE;
pub(crate) const ALWAYS: Window = Window { from: 0, to: i64::MAX as u64 };

pub(crate) fn store() -> (EmbeddedStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open(&folder), folder)
}

pub(crate) fn open(folder: &TempDir) -> EmbeddedStore {
    EmbeddedStore::open(folder.path(), EmbeddedSettings::default()).unwrap()
}

pub(crate) fn resource(service: &str) -> Arc<Resource> {
    Arc::new(Resource {
        service: service.into(),
        instance: format!("{service}-1"),
        attributes: vec![("service.name".into(), Value::String(service.into()))],
    })
}

pub(crate) fn trace_id(number: u64) -> TraceId {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    TraceId(bytes)
}

/// A server span of one second at `start`; tests change what they care for.
pub(crate) fn span(service: &str, trace: u64, id: u64, start: u64) -> Span {
    Span {
        trace_id: trace_id(trace),
        span_id: SpanId(id.to_be_bytes()),
        parent: None,
        trace_state: String::new(),
        flags: 1,
        name: "GET /menu".into(),
        kind: SpanKind::Server,
        start,
        end: start + SECOND,
        status: SpanStatus::Unset,
        attributes: vec![("http.response.status_code".into(), Value::Int(200))],
        events: vec![],
        links: vec![],
        dropped_attributes: 0,
        dropped_events: 0,
        dropped_links: 0,
        resource: resource(service),
        scope: Arc::new(Scope::default()),
    }
}

pub(crate) fn query() -> TraceQuery {
    TraceQuery {
        window: ALWAYS,
        service: None,
        operation: None,
        min_duration: None,
        max_duration: None,
        errors_only: false,
        attributes: vec![],
        limit: 20,
    }
}

/// A delta counter's point over the ten seconds up to `time`.
pub(crate) fn delta(time: u64, value: f64) -> MetricPoint {
    MetricPoint {
        resource: resource("reception"),
        name: "orders".into(),
        unit: "{order}".into(),
        kind: MetricKind::Counter,
        temporality: Some(Temporality::Delta),
        attributes: vec![("drink".into(), Value::String("flat white".into()))],
        start: time - 10 * SECOND,
        time,
        value: PointValue::Number(value),
    }
}

/// The same counter as a cumulative one that began at `start`.
pub(crate) fn cumulative(start: u64, time: u64, value: f64) -> MetricPoint {
    MetricPoint { temporality: Some(Temporality::Cumulative), start, ..delta(time, value) }
}

/// A line of level INFO at `at`, within no request; tests change what they care for.
pub(crate) fn line(service: &str, at: u64, message: &str) -> LogRecord {
    LogRecord {
        at,
        observed_at: at + 1,
        severity: 9,
        severity_text: "INFO".into(),
        event_name: String::new(),
        body: Value::String(message.into()),
        attributes: vec![],
        dropped_attributes: 0,
        flags: 0,
        trace_id: None,
        span_id: None,
        resource: resource(service),
        scope: Arc::new(Scope { name: "shop::orders".into(), ..Scope::default() }),
    }
}
