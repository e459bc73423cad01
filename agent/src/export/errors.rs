//! Errors as OTLP: log records as OpenTelemetry's semantic conventions for exceptions have them.

use std::{collections::BTreeMap, sync::Arc};

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{AnyValue, any_value},
    logs::v1::{LogRecord, SeverityNumber},
    resource::v1::Resource,
};

use super::{
    logs::{request_of, tell_origin},
    resource::{key_value, text},
};
use crate::{
    errors::{Kind, Report},
    mask::Mask,
};

/// The scope of records that the agent makes itself.
const SCOPE: &str = "seaworthy";
const EVENT_NAME: &str = "exception";

/// Errors of this resource, each with the text of its stack.
pub(crate) fn request(
    resource: &Resource,
    reports: &[(Arc<Report>, Arc<str>)],
    mask: &Mask,
) -> ExportLogsServiceRequest {
    let records = reports.iter().map(|(report, stack)| record(report, stack, mask)).collect();
    request_of(resource, BTreeMap::from([(SCOPE, records)]))
}

fn record(report: &Report, stack: &str, mask: &Mask) -> LogRecord {
    let message = mask.text(&report.message);
    let task = report.task.get();
    let (severity, severity_text, origin) = match (report.kind, task) {
        (Kind::Capture, _) => (SeverityNumber::Error, "ERROR", "capture"),
        (Kind::Panic, Some(_)) => (SeverityNumber::Fatal, "FATAL", "task"),
        (Kind::Panic, None) => (SeverityNumber::Fatal, "FATAL", "panic"),
    };
    let mut attributes = vec![
        text("exception.type", &report.type_name),
        text("exception.message", &message),
        text("exception.stacktrace", stack),
        text("seaworthy.error.origin", origin),
        text("code.file.path", &report.file),
    ];
    attributes.push(key_value("code.line.number", any_value::Value::IntValue(report.line.into())));
    attributes.extend(report.thread.as_ref().map(|name| text("thread.name", name)));
    attributes.extend(task.map(|name| text("seaworthy.task.name", name)));
    let body = any_value::Value::StringValue(message.into_owned());
    let mut record = LogRecord {
        time_unix_nano: report.at,
        observed_time_unix_nano: report.at,
        severity_number: severity.into(),
        severity_text: severity_text.to_owned(),
        body: Some(AnyValue { value: Some(body) }),
        attributes,
        event_name: EVENT_NAME.to_owned(),
        ..LogRecord::default()
    };
    if let Some(origin) = report.origin.get() {
        tell_origin(&mut record, origin);
    }
    record
}
