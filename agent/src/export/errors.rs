//! Errors as OTLP: log records as OpenTelemetry's semantic conventions for exceptions have them. The numbers are those of the fields
//! in OpenTelemetry's `logs.proto`.

use std::sync::Arc;

use opentelemetry_proto::tonic::{logs::v1::SeverityNumber, resource::v1::Resource};

use super::{
    attributes,
    logs::{ATTRIBUTES, BODY, write_head, write_origin},
    scopes::Scopes,
    wire::Message,
};
use crate::{
    errors::{Kind, Report},
    mask::Mask,
};

/// The scope of records that the agent makes itself.
const SCOPE: &str = "seaworthy";
const EVENT_NAME: &str = "exception";

/// An `ExportLogsServiceRequest` with errors of this resource, each with the text of its stack.
pub(crate) fn request(resource: &Resource, reports: &[(Arc<Report>, Arc<str>)], mask: &Mask) -> Vec<u8> {
    let mut scopes = Scopes::default();
    for (report, stack) in reports {
        scopes.add(SCOPE, |record| write(record, report, stack, mask));
    }
    scopes.request(resource)
}

fn write(record: &mut Message<'_>, report: &Report, stack: &str, mask: &Mask) {
    let message = mask.text(&report.message);
    let task = report.task.get();
    let (severity, severity_text, origin) = match (report.kind, task) {
        (Kind::Capture, _) => (SeverityNumber::Error, "ERROR", "capture"),
        (Kind::Panic, Some(_)) => (SeverityNumber::Fatal, "FATAL", "task"),
        (Kind::Panic, None) => (SeverityNumber::Fatal, "FATAL", "panic"),
    };
    write_head(record, report.at, severity, severity_text);
    record.message(BODY, |body| attributes::any_text(body, &message));
    let mut text = |key, value: &str| attributes::write_text(record, ATTRIBUTES, key, value);
    text("exception.type", &report.type_name);
    text("exception.message", &message);
    text("exception.stacktrace", stack);
    text("seaworthy.error.origin", origin);
    text("code.file.path", &report.file);
    report.thread.iter().for_each(|name| text("thread.name", name));
    task.into_iter().for_each(|name| text("seaworthy.task.name", name));
    attributes::write_number(record, ATTRIBUTES, "code.line.number", report.line.into());
    if let Ok(suppressed @ 1..) = i64::try_from(report.suppressed_before) {
        attributes::write_number(record, ATTRIBUTES, "seaworthy.error.suppressed", suppressed);
    }
    if let Some(origin) = report.origin.get() {
        write_origin(record, origin);
    }
    record.bytes(12, EVENT_NAME.as_bytes());
}
