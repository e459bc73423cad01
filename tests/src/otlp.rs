//! OTLP messages to send.

use jiff::Timestamp;
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    metrics::v1::{Metric, ResourceMetrics, ScopeMetrics, metric::Data},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, span::SpanKind},
};

/// Where spans are sent.
pub const TRACES: &str = "/v1/traces";
/// Where metrics are sent.
pub const METRICS: &str = "/v1/metrics";

/// The time, in nanoseconds since the Unix epoch.
pub fn now() -> u64 {
    Timestamp::now().as_nanosecond().try_into().unwrap()
}

/// A trace id that no other trace has.
pub fn trace_id() -> [u8; 16] {
    let mut id = [0; 16];
    getrandom::fill(&mut id).unwrap();
    id
}

/// An id as the API writes it.
pub fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An attribute with a text for its value.
pub fn attribute(key: &str, value: &str) -> KeyValue {
    let value = Some(AnyValue { value: Some(Value::StringValue(value.into())) });
    KeyValue { key: key.into(), value, ..KeyValue::default() }
}

/// A server span that has just ended after 5 ms.
pub fn span(trace: [u8; 16], id: u64, name: &str) -> Span {
    let end = now();
    Span {
        trace_id: trace.into(),
        span_id: id.to_be_bytes().into(),
        name: name.into(),
        kind: SpanKind::Server.into(),
        start_time_unix_nano: end - 5_000_000,
        end_time_unix_nano: end,
        ..Span::default()
    }
}

/// So many spans of one new trace, and its id as the API writes it.
pub fn trace(spans: u64) -> (String, Vec<Span>) {
    let id = trace_id();
    (hex(&id), (1..=spans).map(|number| span(id, number, "POST /orders")).collect())
}

/// A request with spans of one service.
pub fn spans(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { scope: Some(scope()), spans, ..ScopeSpans::default() }];
    let resource = Some(resource(service));
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }],
    }
}

/// A metric without a description.
pub fn metric(name: &str, unit: &str, data: Data) -> Metric {
    Metric { name: name.into(), unit: unit.into(), data: Some(data), ..Metric::default() }
}

/// A request with metrics of one service.
pub fn metrics(service: &str, metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    let scope_metrics = vec![ScopeMetrics { scope: Some(scope()), metrics, ..ScopeMetrics::default() }];
    let resource = Some(resource(service));
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }],
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope { name: "tests".into(), ..InstrumentationScope::default() }
}

fn resource(service: &str) -> Resource {
    let attributes = vec![attribute("service.name", service), attribute("service.instance.id", "tests-1")];
    Resource { attributes, ..Resource::default() }
}
