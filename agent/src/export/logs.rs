//! Log records as OTLP.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{KeyValue, any_value},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};
use tracing::{Level, Metadata};

use super::{
    resource::{key_value, scope, text},
    spans::masked,
};
use crate::{
    logs::{Batch, Line, Origin},
    mask::Mask,
    trace::record::{Attribute, Value},
};

const MESSAGE: &str = "message";
/// What lines of the `log` crate come with, where `tracing-log` passes them on.
const OF_LOG: &str = "log.";
const FILE: &str = "code.file.path";
const LINE: &str = "code.line.number";

/// Lines of this resource; each belongs to the scope that its target names.
pub(crate) fn request(resource: &Resource, batches: &[Batch], mask: &Mask) -> ExportLogsServiceRequest {
    let mut scopes: BTreeMap<&str, Vec<LogRecord>> = BTreeMap::new();
    for line in batches.iter().flat_map(Batch::iter) {
        scopes.entry(target(&line)).or_default().push(record(&line, mask));
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

fn record(line: &Line<'_>, mask: &Mask) -> LogRecord {
    let metadata = line.place.metadata;
    let (number, name) = severity(*metadata.level());
    let fields = line.attributes.iter().filter(|attribute| !is_apart(attribute.key));
    let fields = fields.map(|attribute| masked(attribute, line.texts, mask));
    let mut record = LogRecord {
        time_unix_nano: line.place.at,
        observed_time_unix_nano: line.place.at,
        severity_number: number.into(),
        severity_text: name.to_owned(),
        body: message(line).and_then(|message| masked(message, line.texts, mask).value),
        attributes: fields.chain(code(line, metadata, mask)).collect(),
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
fn message<'a>(line: &Line<'a>) -> Option<&'a Attribute> {
    line.attributes.iter().find(|attribute| attribute.key == MESSAGE)
}

/// Whether a field is told in another way than as an attribute.
fn is_apart(name: &str) -> bool {
    name == MESSAGE || name.starts_with(OF_LOG)
}

fn target<'a>(line: &Line<'a>) -> &'a str {
    let target = line.place.metadata.target();
    let of_log = (target == "log").then(|| of_log(line, "log.target"));
    match of_log.flatten() {
        Some(Attribute { value: Value::Text(text), .. }) => text.of(line.texts),
        _ => target,
    }
}

fn of_log<'a>(line: &Line<'a>, name: &str) -> Option<&'a Attribute> {
    line.attributes.iter().find(|attribute| attribute.key == name)
}

fn code(
    line: &Line<'_>,
    metadata: &'static Metadata<'static>,
    mask: &Mask,
) -> impl Iterator<Item = KeyValue> {
    let of_log = |name: &str, key: &'static str| {
        of_log(line, name).map(|attribute| masked(&Attribute { key, ..*attribute }, line.texts, mask))
    };
    let file = metadata.file().map(|file| text(FILE, file)).or_else(|| of_log("log.file", FILE));
    let number = metadata.line().map(|number| key_value(LINE, any_value::Value::IntValue(number.into())));
    let number = number.or_else(|| of_log("log.line", LINE));
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
