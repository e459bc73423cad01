//! How much memory a request will take, found without decoding it. Two bytes stand for an empty span, which takes hundreds
//! in memory, so the size of a body says little.

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    metrics::v1::{
        Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint,
        Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint,
        exponential_histogram_data_point::Buckets, summary_data_point::ValueAtQuantile,
    },
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, Status,
        span::{Event, Link},
    },
};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// The decoder refuses what is nested deeper.
const DEEPEST: u32 = 100;

/// What a message takes beside the bytes of its texts.
#[derive(Debug)]
pub(super) struct Shape {
    bytes: usize,
    /// Fields that hold further messages, or texts in a list.
    holds: &'static [(u32, &'static Shape)],
    /// The field with a list of numbers of one byte or more, which are all of eight bytes in memory.
    numbers: u32,
}

/// A request that can be weighed.
pub(super) trait Weighed {
    const SHAPE: &'static Shape;
}

impl Weighed for ExportTraceServiceRequest {
    const SHAPE: &'static Shape = &TRACES;
}

impl Weighed for ExportMetricsServiceRequest {
    const SHAPE: &'static Shape = &METRICS;
}

impl Weighed for ExportLogsServiceRequest {
    const SHAPE: &'static Shape = &LOGS;
}

macro_rules! shapes {
    ($($name:ident: $message:ty { $($field:literal: $inner:ident),* $(,)? } $(numbers $numbers:literal)?;)*) => {
        $(static $name: Shape = Shape {
            bytes: size_of::<$message>(),
            holds: &[$(($field, &$inner)),*],
            numbers: 0 $(+ $numbers)?,
        };)*
    };
}

shapes! {
    TEXT: String {};
    ANY: AnyValue { 5: ARRAY, 6: LIST };
    ARRAY: ArrayValue { 1: ANY };
    LIST: KeyValueList { 1: PAIR };
    PAIR: KeyValue { 2: ANY };
    ENTITY: EntityRef { 3: TEXT, 4: TEXT };
    RESOURCE: Resource { 1: PAIR, 3: ENTITY };
    SCOPE: InstrumentationScope { 3: PAIR };

    TRACES: ExportTraceServiceRequest { 1: RESOURCE_SPANS };
    RESOURCE_SPANS: ResourceSpans { 1: RESOURCE, 2: SCOPE_SPANS };
    SCOPE_SPANS: ScopeSpans { 1: SCOPE, 2: SPAN };
    SPAN: Span { 9: PAIR, 11: EVENT, 13: LINK, 15: STATUS };
    EVENT: Event { 3: PAIR };
    LINK: Link { 4: PAIR };
    STATUS: Status {};

    LOGS: ExportLogsServiceRequest { 1: RESOURCE_LOGS };
    RESOURCE_LOGS: ResourceLogs { 1: RESOURCE, 2: SCOPE_LOGS };
    SCOPE_LOGS: ScopeLogs { 1: SCOPE, 2: LOG_RECORD };
    LOG_RECORD: LogRecord { 5: ANY, 6: PAIR };

    METRICS: ExportMetricsServiceRequest { 1: RESOURCE_METRICS };
    RESOURCE_METRICS: ResourceMetrics { 1: RESOURCE, 2: SCOPE_METRICS };
    SCOPE_METRICS: ScopeMetrics { 1: SCOPE, 2: METRIC };
    METRIC: Metric { 5: GAUGE, 7: SUM, 9: HISTOGRAM, 10: EXPONENTIAL, 11: SUMMARY, 12: PAIR };
    GAUGE: Gauge { 1: NUMBER };
    SUM: Sum { 1: NUMBER };
    HISTOGRAM: Histogram { 1: HISTOGRAM_POINT };
    EXPONENTIAL: ExponentialHistogram { 1: EXPONENTIAL_POINT };
    SUMMARY: Summary { 1: SUMMARY_POINT };
    NUMBER: NumberDataPoint { 5: EXEMPLAR, 7: PAIR };
    HISTOGRAM_POINT: HistogramDataPoint { 8: EXEMPLAR, 9: PAIR };
    EXPONENTIAL_POINT: ExponentialHistogramDataPoint { 1: PAIR, 8: BUCKETS, 9: BUCKETS, 11: EXEMPLAR };
    BUCKETS: Buckets {} numbers 2;
    SUMMARY_POINT: SummaryDataPoint { 6: QUANTILE, 7: PAIR };
    QUANTILE: ValueAtQuantile {};
    EXEMPLAR: Exemplar { 7: PAIR };
}

/// Bytes that a request in protobuf takes once decoded. Of a malformed one, those up to the fault.
pub(super) fn of_protobuf<M: Weighed>(body: &[u8]) -> usize {
    weigh(body, M::SHAPE, 0)
}

/// Bytes that a request in JSON takes at most once decoded: every object may be the largest message.
pub(super) fn of_json(body: &[u8]) -> usize {
    body.iter().filter(|byte| **byte == b'{').count() * size_of::<Span>() + body.len()
}

fn weigh(mut body: &[u8], shape: &Shape, depth: u32) -> usize {
    let mut bytes = shape.bytes;
    while let Some((field, part)) = next_part(&mut body) {
        let held = shape.holds.iter().find(|(number, _)| *number == field);
        bytes += match held {
            Some((_, inner)) if depth < DEEPEST => weigh(part, inner, depth + 1),
            None if field == shape.numbers => part.len() * size_of::<u64>(),
            _ => part.len(),
        };
    }
    bytes
}

/// The next field that is neither a plain number nor malformed.
fn next_part<'a>(body: &mut &'a [u8]) -> Option<(u32, &'a [u8])> {
    while !body.is_empty() {
        let (field, wire_type) = decode_key(body).ok()?;
        if wire_type == WireType::LengthDelimited {
            let length = decode_varint(body).ok()?;
            let (part, rest) = body.split_at_checked(usize::try_from(length).ok()?)?;
            *body = rest;
            return Some((field, part));
        }
        skip_field(wire_type, field, body, DecodeContext::default()).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use prost::Message;

    use super::*;

    fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
        let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
        ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }],
        }
    }

    const FRAME: usize =
        size_of::<ExportTraceServiceRequest>() + size_of::<ResourceSpans>() + size_of::<ScopeSpans>();

    #[test]
    fn a_request_weighs_its_messages_and_texts() {
        let pair =
            |value| KeyValue { key: "key".into(), value: Some(AnyValue { value }), ..KeyValue::default() };
        let list = ArrayValue { values: vec![AnyValue::default(); 10] };
        let pairs = [Value::IntValue(1), Value::StringValue("texts".into()), Value::ArrayValue(list)];
        let attributes = pairs.map(|value| pair(Some(value))).into();
        let rich = Span { name: "brew".into(), attributes, ..Span::default() };
        let cases = [
            (vec![], FRAME),
            (vec![Span::default(); 1000], FRAME + 1000 * size_of::<Span>()),
            (
                vec![rich],
                FRAME
                    + size_of::<Span>()
                    + 3 * size_of::<KeyValue>()
                    + 13 * size_of::<AnyValue>()
                    + size_of::<ArrayValue>()
                    + "brewkeykeykeytexts".len(),
            ),
        ];
        for (spans, expected) in cases {
            let body = request(spans).encode_to_vec();
            assert_eq!(of_protobuf::<ExportTraceServiceRequest>(&body), expected);
        }
    }

    #[test]
    fn a_request_of_log_records_is_weighed_like_one_of_spans() {
        let body = AnyValue { value: Some(Value::StringValue("no milk".into())) };
        let record = LogRecord { body: Some(body), ..LogRecord::default() };
        let scope_logs = vec![ScopeLogs { log_records: vec![record; 100], ..ScopeLogs::default() }];
        let resource_logs = vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }];
        let body = ExportLogsServiceRequest { resource_logs }.encode_to_vec();
        let frame =
            size_of::<ExportLogsServiceRequest>() + size_of::<ResourceLogs>() + size_of::<ScopeLogs>();
        let each = size_of::<LogRecord>() + size_of::<AnyValue>() + "no milk".len();
        assert_eq!(of_protobuf::<ExportLogsServiceRequest>(&body), frame + 100 * each);
    }

    #[test]
    fn numbers_of_one_byte_weigh_eight() {
        let buckets = Buckets { bucket_counts: vec![1; 1000], ..Buckets::default() };
        assert_eq!(weigh(&buckets.encode_to_vec(), &BUCKETS, 0), size_of::<Buckets>() + 8000);
    }

    #[test]
    fn what_is_malformed_is_weighed_up_to_the_fault_and_not_too_deep() {
        let body = request(vec![Span::default(); 10]).encode_to_vec();
        assert_eq!(
            of_protobuf::<ExportTraceServiceRequest>(&body[..body.len() - 1]),
            size_of_val(&request(vec![]))
        );
        assert_eq!(of_protobuf::<ExportTraceServiceRequest>(&[0xff; 100]), size_of_val(&request(vec![])));
        let mut value = AnyValue::default();
        for _ in 0..1000 {
            value = AnyValue { value: Some(Value::ArrayValue(ArrayValue { values: vec![value] })) };
        }
        assert!(weigh(&value.encode_to_vec(), &ANY, 0) < 20_000);
    }
}
