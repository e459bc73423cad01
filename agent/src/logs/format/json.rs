//! Lines as JSON objects.

use std::{error::Error, fmt};

use serde::Serialize;
use tracing::{
    Event,
    field::{Field, Visit},
};

use crate::{
    logs::Origin,
    mask::{Mask, REDACTED},
    trace::{
        fields::Chain,
        record::{Attribute, Record, Value},
    },
};

const MESSAGE: &str = "message";

/// One line, with its end.
pub(super) fn line(
    time: &str,
    event: &Event<'_>,
    spans: impl Iterator<Item = (&'static str, String)>,
    origin: &Origin,
    mask: &Mask,
) -> String {
    let metadata = event.metadata();
    let mut visitor = Fields { to: Vec::with_capacity(256), message: None, mask };
    event.record(&mut visitor);
    let Fields { to: fields, message, .. } = visitor;
    let mut line = Vec::with_capacity(fields.len() + 256);
    line.push(b'{');
    member(&mut line, "timestamp", &time);
    member(&mut line, "level", &metadata.level().as_str());
    member(&mut line, "target", &metadata.target());
    if let Some(message) = message {
        member(&mut line, MESSAGE, &message);
    }
    if !fields.is_empty() {
        line.extend_from_slice(b",\"fields\":{");
        line.extend_from_slice(&fields);
        line.push(b'}');
    }
    add_spans(&mut line, spans);
    if let Some(request) = &origin.request {
        member(&mut line, "request_id", &request.as_str());
    }
    if let Some(within) = &origin.trace {
        member(&mut line, "trace_id", &within.trace_id.to_string());
        member(&mut line, "span_id", &within.span_id.to_string());
    }
    line.extend_from_slice(b"}\n");
    text(line)
}

/// The members of the fields of a span, without braces.
pub(super) fn fields(of_span: &Record, mask: &Mask) -> String {
    let mut fields = Fields { to: Vec::new(), message: None, mask };
    for &Attribute { key, value } in &of_span.attributes {
        match value {
            Value::Bool(value) => member(&mut fields.to, key, &value),
            Value::Int(value) => fields.number(key, value),
            Value::Unsigned(value) => fields.number(key, value),
            Value::Double(value) => fields.number(key, value),
            Value::Text(text) | Value::Formatted(text) => fields.text(key, text.of(&of_span.texts)),
        }
    }
    text(fields.to)
}

fn add_spans(line: &mut Vec<u8>, spans: impl Iterator<Item = (&'static str, String)>) {
    let mut spans = spans.peekable();
    if spans.peek().is_none() {
        return;
    }
    line.extend_from_slice(b",\"spans\":[");
    for (name, fields) in spans {
        if line.last() != Some(&b'[') {
            line.push(b',');
        }
        line.push(b'{');
        member(line, "name", &name);
        if !fields.is_empty() {
            line.push(b',');
            line.extend_from_slice(fields.as_bytes());
        }
        line.push(b'}');
    }
    line.push(b']');
}

/// Adds a member. What has no form in JSON, of which there is nothing here, is null.
fn member(to: &mut Vec<u8>, name: &str, value: &impl Serialize) {
    if !matches!(to.last(), None | Some(b'{')) {
        to.push(b',');
    }
    let _ = serde_json::to_writer(&mut *to, name);
    to.push(b':');
    if serde_json::to_writer(&mut *to, value).is_err() {
        to.extend_from_slice(b"null");
    }
}

/// It is made of texts alone.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

struct Fields<'a> {
    to: Vec<u8>,
    message: Option<String>,
    mask: &'a Mask,
}

impl Fields<'_> {
    fn text(&mut self, name: &'static str, text: &str) {
        let masked = self.mask.value(name, text);
        match name {
            MESSAGE => self.message = Some(masked.into_owned()),
            name => member(&mut self.to, name, &masked),
        }
    }

    fn number(&mut self, name: &'static str, number: impl Serialize) {
        match self.mask.is_secret(name) {
            true => member(&mut self.to, name, &REDACTED),
            false => member(&mut self.to, name, &number),
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        member(&mut self.to, field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field.name(), &Chain(value).to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field.name(), &format!("{value:?}"));
    }
}
