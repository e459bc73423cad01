//! Log records as OTLP. The numbers are those of the fields in OpenTelemetry's `logs.proto`.

use opentelemetry_proto::tonic::{logs::v1::SeverityNumber, resource::v1::Resource};
use tracing::Level;

use super::{attributes, scopes::Scopes, wire::Message};
use crate::{
    logs::{Batch, Line, Origin},
    mask::Mask,
    trace::record::Attribute,
};

const MESSAGE: &str = "message";
/// What lines of the `log` crate come with, where `tracing-log` passes them on.
const OF_LOG: &str = "log.";
const FILE: &str = "code.file.path";
const LINE: &str = "code.line.number";

/// Field of the body of a log record.
pub(super) const BODY: u32 = 5;
/// Field of the attributes of a log record.
pub(super) const ATTRIBUTES: u32 = 6;

/// An `ExportLogsServiceRequest` with the lines of this resource; each belongs to the scope that its target names.
pub(crate) fn request(resource: &Resource, batches: &[Batch], mask: &Mask) -> Vec<u8> {
    let mut scopes = Scopes::default();
    for line in batches.iter().flat_map(Batch::iter) {
        scopes.add(target(&line), |record| write(record, &line, mask));
    }
    scopes.request(resource)
}

fn write(record: &mut Message<'_>, line: &Line<'_>, mask: &Mask) {
    let (place, texts) = (line.place, line.texts);
    let (number, name) = severity(*place.metadata.level());
    write_head(record, place.at, number, name);
    // A line without a message says what is in its fields.
    if let Some(message) = field(line, MESSAGE) {
        record.message(BODY, |body| attributes::any_masked(body, message, texts, mask));
    }
    for attribute in line.attributes.iter().filter(|attribute| !is_apart(attribute.key)) {
        attributes::write_masked(record, ATTRIBUTES, attribute, texts, mask);
    }
    write_code(record, line, mask);
    record.number(7, line.dropped_attributes.into());
    write_origin(record, &place.origin);
}

/// When it was, and how grave.
pub(super) fn write_head(record: &mut Message<'_>, at: u64, number: SeverityNumber, name: &str) {
    record.fixed64(1, at);
    record.number(2, number as u64);
    record.bytes(3, name.as_bytes());
    record.fixed64(11, at);
}

/// To which request and trace it belongs.
pub(super) fn write_origin(record: &mut Message<'_>, origin: &Origin) {
    if let Some(within) = &origin.trace {
        record.fixed32(8, within.flags.to_byte().into());
        record.bytes(9, &within.trace_id.to_bytes());
        record.bytes(10, &within.span_id.to_bytes());
    }
    if let Some(id) = &origin.request {
        attributes::write_text(record, ATTRIBUTES, "seaworthy.request.id", id.as_str());
    }
}

/// Whether a field is told in another way than as an attribute.
fn is_apart(name: &str) -> bool {
    name == MESSAGE || name.starts_with(OF_LOG)
}

fn target<'a>(line: &Line<'a>) -> &'a str {
    let target = line.place.metadata.target();
    let of_log = if target == "log" { field(line, "log.target") } else { None };
    of_log.and_then(|field| field.value.text()).map_or(target, |text| text.of(line.texts))
}

fn field<'a>(line: &Line<'a>, name: &str) -> Option<&'a Attribute> {
    line.attributes.iter().find(|attribute| attribute.key == name)
}

/// Where in the code it was written.
fn write_code(record: &mut Message<'_>, line: &Line<'_>, mask: &Mask) {
    let metadata = line.place.metadata;
    let of_log = |record: &mut Message<'_>, name: &str, key: &'static str| {
        if let Some(attribute) = field(line, name) {
            let attribute = Attribute { key, ..*attribute };
            attributes::write_masked(record, ATTRIBUTES, &attribute, line.texts, mask);
        }
    };
    match metadata.file() {
        Some(file) => attributes::write_text(record, ATTRIBUTES, FILE, file),
        None => of_log(record, "log.file", FILE),
    }
    match metadata.line() {
        Some(number) => attributes::write_number(record, ATTRIBUTES, LINE, number.into()),
        None => of_log(record, "log.line", LINE),
    }
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
