//! One line, as it is shown.

use jiff::Timestamp;
use seaworthy_telemetry::{
    log::{LogLine, LogRecord},
    model::{Value, text_attribute},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    attributes::code_place,
    errors::GROUP,
    view::{
        range::timestamp,
        trace::{AttributeRow, attribute_rows, value_text},
    },
};

/// One line of a log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LineRow {
    /// Where it stands: `before` of a search for older ones.
    pub(crate) position: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `unspecified`.
    pub(crate) level: &'static str,
    /// What its sender calls the level.
    pub(crate) severity_text: String,
    /// Its service.
    pub(crate) service: String,
    /// Its instance, empty where unknown.
    pub(crate) instance: String,
    /// Which part of the program wrote it.
    pub(crate) target: String,
    /// What it says.
    pub(crate) message: String,
    /// What kind of event it tells of, empty for a plain line.
    pub(crate) event: String,
    /// The trace during which it was written.
    pub(crate) trace_id: Option<String>,
    /// The span during which it was written.
    pub(crate) span_id: Option<String>,
    /// File and line of the code that wrote it.
    pub(crate) place: Option<String>,
    /// The group of errors that it belongs to.
    pub(crate) error_group: Option<String>,
    /// Its fields.
    pub(crate) fields: Vec<AttributeRow>,
    /// Attributes of its resource.
    pub(crate) resource: Vec<AttributeRow>,
    /// Fields that its sender dropped.
    pub(crate) dropped: u32,
}

impl From<LogLine> for LineRow {
    fn from(LogLine { position, record }: LogLine) -> Self {
        let mut fields = attribute_rows(&record.attributes);
        fields.retain(|field| field.key != GROUP);
        Self {
            position: position.to_string(),
            at: timestamp(record.at),
            level: record.level().name(),
            message: message(&record),
            place: code_place(&record.attributes),
            error_group: text_attribute(&record.attributes, GROUP).map(str::to_owned),
            fields,
            resource: attribute_rows(&record.resource.attributes),
            severity_text: record.severity_text,
            service: record.resource.service.clone(),
            instance: record.resource.instance.clone(),
            target: record.scope.name.clone(),
            event: record.event_name,
            trace_id: record.trace_id.map(|id| id.to_string()),
            span_id: record.span_id.map(|id| id.to_string()),
            dropped: record.dropped_attributes,
        }
    }
}

/// The body; of an exception without one, what it says of itself.
fn message(record: &LogRecord) -> String {
    let of = |name| text_attribute(&record.attributes, name).filter(|text| !text.is_empty());
    match &record.body {
        Value::String(text) if !text.trim().is_empty() => text.clone(),
        Value::Empty | Value::String(_) => match (of("exception.type"), of("exception.message")) {
            (Some(kind), Some(message)) => format!("{kind}: {message}"),
            (Some(text), None) | (None, Some(text)) => text.to_owned(),
            (None, None) => record.event_name.clone(),
        },
        other => value_text(other),
    }
}
