//! Gathers the fields of a `tracing` span or event.

use std::{error::Error, fmt};

use tracing::field::{Field, Visit};

use super::{
    limits::Limits,
    record::{Attribute, Kind, Record, Status, Value},
    text::Text,
};

/// Causes of one error, at most.
const MAX_CAUSES: usize = 16;

/// Puts fields into a record. Fields that say what a span *is* go to its head, all others become attributes.
pub(crate) struct Fields<'a> {
    record: &'a mut Record,
    limits: &'a Limits,
    attributes: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn of_span(record: &'a mut Record, limits: &'a Limits) -> Self {
        Self { record, limits, attributes: limits.attributes }
    }

    pub(crate) fn of_event(record: &'a mut Record, limits: &'a Limits) -> Self {
        // One more for the message, which becomes the name of the event.
        Self { record, limits, attributes: limits.event_attributes.saturating_add(1) }
    }

    fn push(&mut self, field: &Field, value: Value) {
        self.record.push(Attribute { key: field.name(), value }, self.attributes);
    }

    #[inline]
    fn push_text(&mut self, field: &Field, text: Option<Text>, value: impl FnOnce(Text) -> Value) {
        let Some(text) = text else {
            self.record.head.dropped_attributes += 1;
            return;
        };
        if !self.is_head(field, text) {
            self.push(field, value(text));
        }
    }

    /// Whether the field belongs to the head of the span; if so, it is there now.
    fn is_head(&mut self, field: &Field, text: Text) -> bool {
        let Some(name) = field.name().strip_prefix("otel.") else { return false };
        let Record { head, texts, .. } = &mut *self.record;
        match name {
            "name" => head.name = Some(text),
            "kind" => head.kind = Kind::parse(text.of(texts)).unwrap_or(head.kind),
            "status_code" => head.status = Status::parse(text.of(texts)).unwrap_or(head.status),
            "status_message" | "status_description" => head.status_message = Some(text),
            _ => return false,
        }
        true
    }

    /// Formatting may run code of the host, so no lock is held while fields are gathered.
    fn push_formatted(&mut self, field: &Field, what: fmt::Arguments<'_>) {
        let text = Text::format(&mut self.record.texts, self.limits, what);
        self.push_text(field, text, Value::Formatted);
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Value::Double(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Value::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, i64::try_from(value).map_or(Value::Unsigned(value), Value::Int));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        match i64::try_from(value) {
            Ok(value) => self.push(field, Value::Int(value)),
            Err(_) => self.push_formatted(field, format_args!("{value}")),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match i64::try_from(value) {
            Ok(value) => self.push(field, Value::Int(value)),
            Err(_) => self.push_formatted(field, format_args!("{value}")),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text = Text::write(&mut self.record.texts, self.limits, value);
        self.push_text(field, text, Value::Text);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.push_formatted(field, format_args!("{}", Chain(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push_formatted(field, format_args!("{value:?}"));
    }
}

/// An error with what caused it, outermost first.
pub(crate) struct Chain<'a, E: ?Sized>(pub(crate) &'a E);

impl<E: Error + ?Sized> fmt::Display for Chain<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        // A chain that bites its own tail must end all the same.
        for _ in 0..MAX_CAUSES {
            let Some(error) = cause else { break };
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
