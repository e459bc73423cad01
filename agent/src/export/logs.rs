//! Log records as OTLP.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};
use tracing::{Level, Metadata};

use super::{
    resource::{key_value, scope, text},
    spans::value,
};
use crate::{
    logs::{Batch, Line, Origin},
    trace::record::{Attribute, Value},
};

const MESSAGE: &str = "message";
/// What lines of the `log` crate come with, where `tracing-log` passes them on.
const OF_LOG: &str = "log.";

/// Lines of this resource; each belongs to the scope that its target names.
pub(crate) fn request(resource: &Resource, batches: &[Batch]) -> ExportLogsServiceRequest {
    let mut scopes: BTreeMap<&str, Vec<LogRecord>> = BTreeMap::new();
    for line in batches.iter().flat_map(Batch::iter) {
        scopes.entry(target(&line)).or_default().push(record(&line));
    }
    request_of(resource, scopes)
}

/// Records of this resource, by the name of their scope.
pub(super) fn request_of(
    resource: &Resource,
    scopes: BTreeMap<&str, Vec<LogRecord>>,
) -> ExportLogsServiceRequest {
    let scope_logs = scopes
        .into_iter()
        .map(|(target, log_records)| ScopeLogs {
            scope: Some(scope(target)),
            log_records,
            schema_url: String::new(),
        })
        .collect();
    let resource_logs =
        ResourceLogs { resource: Some(resource.clone()), scope_logs, schema_url: String::new() };
    ExportLogsServiceRequest { resource_logs: vec![resource_logs] }
}

fn record(line: &Line<'_>) -> LogRecord {
    let metadata = line.place.metadata;
    let (number, name) = severity(*metadata.level());
    let fields = line.attributes.iter().filter(|attribute| !is_apart(attribute.key));
    let fields = fields.map(|attribute| key_value(attribute.key, value(attribute.value, line.texts)));
    let mut record = LogRecord {
        time_unix_nano: line.place.at,
        observed_time_unix_nano: line.place.at,
        severity_number: number.into(),
        severity_text: name.to_owned(),
        body: body(line).map(|value| AnyValue { value: Some(value) }),
        attributes: fields.chain(code(line, metadata)).collect(),
        dropped_attributes_count: line.dropped_attributes,
        ..LogRecord::default()
    };
    tell_origin(&mut record, &line.place.origin);
    record
}

/// Says to which request and trace a record belongs.
pub(super) fn tell_origin(record: &mut LogRecord, origin: &Origin) {
    if let Some(within) = &origin.trace {
        record.trace_id = within.trace_id.to_bytes().to_vec();
        record.span_id = within.span_id.to_bytes().to_vec();
        record.flags = within.flags.to_byte().into();
    }
    if let Some(id) = &origin.request {
        record.attributes.push(text("seaworthy.request.id", id.as_str()));
    }
}

/// A line without a message says what is in its fields.
fn body(line: &Line<'_>) -> Option<any_value::Value> {
    let message = line.attributes.iter().find(|attribute| attribute.key == MESSAGE)?;
    Some(value(message.value, line.texts))
}

/// Whether a field is told in another way than as an attribute.
fn is_apart(name: &str) -> bool {
    name == MESSAGE || name.starts_with(OF_LOG)
}

fn target<'a>(line: &Line<'a>) -> &'a str {
    let target = line.place.metadata.target();
    let of_log = (target == "log").then(|| of_log(line, "log.target"));
    match of_log.flatten() {
        Some(Value::Text(text)) => text.of(line.texts),
        _ => target,
    }
}

fn of_log(line: &Line<'_>, name: &str) -> Option<Value> {
    let is_it = |attribute: &&Attribute| attribute.key == name;
    line.attributes.iter().find(is_it).map(|attribute| attribute.value)
}

fn code(line: &Line<'_>, metadata: &'static Metadata<'static>) -> impl Iterator<Item = KeyValue> {
    let file = metadata.file().map(|file| any_value::Value::StringValue(file.to_owned()));
    let file = file.or_else(|| of_log(line, "log.file").map(|file| value(file, line.texts)));
    let number = metadata.line().map(|number| any_value::Value::IntValue(number.into()));
    let number = number.or_else(|| of_log(line, "log.line").map(|number| value(number, line.texts)));
    let file = file.map(|file| key_value("code.file.path", file));
    let number = number.map(|number| key_value("code.line.number", number));
    file.into_iter().chain(number)
}

fn severity(level: Level) -> (SeverityNumber, &'static str) {
    let number = match level {
        Level::TRACE => SeverityNumber::Trace,
        Level::DEBUG => SeverityNumber::Debug,
        Level::INFO => SeverityNumber::Info,
        Level::WARN => SeverityNumber::Warn,
        Level::ERROR => SeverityNumber::Error,
    };
    (number, level.as_str())
}
