//! Log records of OTLP as the store knows them. Pure.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest, common::v1::any_value, logs::v1 as otlp,
};
use seaworthy_telemetry::{
    log::LogRecord,
    model::{Resource, Scope, SpanId, TraceId, UnixNanos},
};

use super::{
    attributes::{attributes, resource, scope, value},
    bounds::TimeBounds,
    rejected::Rejected,
};

/// The highest severity that OTLP knows.
const SEVEREST: i32 = 24;

/// The records of a request that can be stored, and a count of those that cannot. A record that does not say when it was
/// made was made when it was received.
pub(super) fn records(
    request: ExportLogsServiceRequest,
    bounds: TimeBounds,
    received_at: UnixNanos,
) -> (Vec<LogRecord>, Rejected) {
    let mut rejected = Rejected::default();
    let mut converted = Vec::new();
    for group in request.resource_logs {
        let resource = resource(group.resource);
        for group in group.scope_logs {
            let scope = scope(group.scope);
            converted.reserve(group.log_records.len());
            for given in group.log_records {
                let at = [given.time_unix_nano, given.observed_time_unix_nano, received_at];
                let at = at.into_iter().find(|at| *at != 0).unwrap_or_default();
                if bounds.allow(at) {
                    converted.push(record(given, at, &resource, &scope));
                } else {
                    rejected.add(TimeBounds::REASON, message(&given), 1);
                }
            }
        }
    }
    (converted, rejected)
}

/// By what a record is told from others, where one has to be named.
fn message(given: &otlp::LogRecord) -> &str {
    match given.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text,
        _ => &given.event_name,
    }
}

fn record(given: otlp::LogRecord, at: UnixNanos, resource: &Arc<Resource>, scope: &Arc<Scope>) -> LogRecord {
    // A mistaken id is none: the line is worth more than its refusal.
    let trace_id = TraceId::from_slice(&given.trace_id);
    LogRecord {
        at,
        observed_at: given.observed_time_unix_nano,
        severity: u8::try_from(given.severity_number.clamp(0, SEVEREST)).unwrap_or_default(),
        severity_text: given.severity_text,
        event_name: given.event_name,
        body: value(given.body),
        attributes: attributes(given.attributes),
        dropped_attributes: given.dropped_attributes_count,
        flags: given.flags,
        trace_id,
        span_id: trace_id.and_then(|_| SpanId::from_slice(&given.span_id)),
        resource: resource.clone(),
        scope: scope.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use seaworthy_telemetry::model::Value;

    use super::*;

    const NOW: u64 = 1_800_000_000_000_000_000;
    const HOUR: u64 = 3_600_000_000_000;

    fn stored(given: otlp::LogRecord) -> Result<LogRecord, i64> {
        let now = Timestamp::from_nanosecond(i128::from(NOW)).unwrap();
        let request = ExportLogsServiceRequest {
            resource_logs: vec![otlp::ResourceLogs {
                scope_logs: vec![otlp::ScopeLogs { log_records: vec![given], ..otlp::ScopeLogs::default() }],
                ..otlp::ResourceLogs::default()
            }],
        };
        let (mut records, rejected) = records(request, TimeBounds::new(now, 1), NOW);
        records.pop().ok_or(rejected.count())
    }

    #[test]
    fn a_record_has_the_first_time_that_is_known_of_it() {
        let cases = [
            (NOW - HOUR, NOW, Ok(NOW - HOUR)),
            (0, NOW - 1, Ok(NOW - 1)),
            (0, 0, Ok(NOW)),
            (NOW - 25 * HOUR, NOW, Err(1)),
            (NOW + 2 * HOUR, NOW, Err(1)),
        ];
        for (time_unix_nano, observed_time_unix_nano, expected) in cases {
            let given =
                otlp::LogRecord { time_unix_nano, observed_time_unix_nano, ..otlp::LogRecord::default() };
            assert_eq!(stored(given).map(|record| record.at), expected, "{time_unix_nano}");
        }
    }

    #[test]
    fn what_is_mistaken_in_a_record_costs_no_more_than_itself() {
        let given = otlp::LogRecord {
            severity_number: 99,
            trace_id: vec![1; 3],
            span_id: vec![2; 8],
            ..otlp::LogRecord::default()
        };
        let record = stored(given).unwrap();
        assert_eq!((record.severity, record.trace_id, record.span_id), (24, None, None));
        assert_eq!(record.body, Value::Empty);
        assert_eq!(record.resource.service, "unknown_service");
    }
}
