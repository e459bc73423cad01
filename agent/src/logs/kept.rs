//! The fields of a span as they were recorded, for lines within it. Most spans have none, so nothing is masked, formatted or
//! quoted before there is one.

use std::{error::Error, fmt};

use tracing::field::{Field, Visit};

use crate::trace::{Limits, fields::Chain, text::Text};

/// The fields of a span as they were recorded.
#[derive(Debug)]
pub(super) struct Kept {
    fields: Vec<(Field, Value)>,
    /// Every text, referred to by [`Text`].
    texts: String,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Double(f64),
    Text(Text),
    /// As the field is formatted, which quotes it or does not.
    Formatted(Text),
}

impl Kept {
    /// Room for what most spans have, so that it need not grow.
    pub(super) fn new() -> Self {
        Self { fields: Vec::with_capacity(8), texts: String::with_capacity(256) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Shows the fields to `visitor`, as the span did, in the same order.
    pub(super) fn record(&self, visitor: &mut dyn Visit) {
        for (field, value) in &self.fields {
            match value {
                Value::Bool(value) => visitor.record_bool(field, *value),
                Value::Int(value) => visitor.record_i64(field, *value),
                Value::Unsigned(value) => visitor.record_u64(field, *value),
                Value::Double(value) => visitor.record_f64(field, *value),
                Value::Text(text) => visitor.record_str(field, text.of(&self.texts)),
                Value::Formatted(text) => {
                    visitor.record_debug(field, &format_args!("{}", text.of(&self.texts)));
                }
            }
        }
    }

    /// Takes over what was recorded later. A field that is recorded again has its latest value.
    pub(super) fn absorb(&mut self, later: &Self) {
        let copy =
            |texts: &mut String, text: Text| Text::write(texts, &Limits::default(), text.of(&later.texts));
        for (field, value) in &later.fields {
            let value = match *value {
                Value::Text(text) => copy(&mut self.texts, text).map(Value::Text),
                Value::Formatted(text) => copy(&mut self.texts, text).map(Value::Formatted),
                plain => Some(plain),
            };
            match (self.fields.iter_mut().find(|(known, _)| known.name() == field.name()), value) {
                (Some((_, own)), Some(value)) => *own = value,
                (_, value) => self.push(field, value),
            }
        }
    }

    /// None where there is no room for its text. What goes beyond the limits of a span is not shown.
    fn push(&mut self, field: &Field, value: Option<Value>) {
        if let Some(value) = value.filter(|_| self.fields.len() < Limits::default().attributes) {
            self.fields.push((field.clone(), value));
        }
    }

    fn push_formatted(&mut self, field: &Field, what: fmt::Arguments<'_>) {
        let text = Text::format(&mut self.texts, &Limits::default(), what);
        self.push(field, text.map(Value::Formatted));
    }
}

impl Visit for Kept {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Some(Value::Double(value)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Some(Value::Int(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, Some(Value::Unsigned(value)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Some(Value::Bool(value)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text = Text::write(&mut self.texts, &Limits::default(), value);
        self.push(field, text.map(Value::Text));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.push_formatted(field, format_args!("{}", Chain(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push_formatted(field, format_args!("{value:?}"));
    }
}
