//! Attributes as OTLP, without their secrets.

use super::wire::{Message, length_of};
use crate::{
    mask::{Mask, REDACTED},
    trace::record::{Attribute, Value},
};

/// Fields of an `AnyValue`.
const STRING: u32 = 1;
const BOOL: u32 = 2;
const INT: u32 = 3;
const DOUBLE: u32 = 4;

/// A `KeyValue`, which is this field of what it belongs to.
fn write(to: &mut Message<'_>, field: u32, key: &str, value: impl FnOnce(&mut Message<'_>)) {
    to.message(field, |own| {
        own.present_bytes(1, key.as_bytes());
        own.message(2, value);
    });
}

/// An attribute whose value is this text as it stands.
pub(super) fn write_text(to: &mut Message<'_>, field: u32, key: &str, text: &str) {
    // Nearly all of what is sent are these.
    let value = length_of(text.len());
    to.message_of(field, length_of(key.len()) + length_of(value), |own| {
        own.present_bytes(1, key.as_bytes());
        own.message_of(2, value, |own| any_text(own, text));
    });
}

/// An attribute whose value is a number.
pub(super) fn write_number(to: &mut Message<'_>, field: u32, key: &str, number: i64) {
    write(to, field, key, |value| value.present(INT, number as u64));
}

/// An attribute as it may be told.
pub(super) fn write_masked(
    to: &mut Message<'_>,
    field: u32,
    attribute: &Attribute,
    texts: &str,
    mask: &Mask,
) {
    match attribute.value {
        Value::Text(text) | Value::Formatted(text) => {
            write_text(to, field, attribute.key, &mask.value(attribute.key, text.of(texts)))
        }
        _ => write(to, field, attribute.key, |value| any_masked(value, attribute, texts, mask)),
    }
}

/// An `AnyValue`.
pub(super) fn any_text(to: &mut Message<'_>, text: &str) {
    to.present_bytes(STRING, text.as_bytes());
}

/// An `AnyValue` as it may be told. Numbers are no secrets, but where the name says so.
pub(super) fn any_masked(to: &mut Message<'_>, attribute: &Attribute, texts: &str, mask: &Mask) {
    let key = attribute.key;
    match attribute.value {
        Value::Bool(value) => to.present(BOOL, value.into()),
        Value::Int(_) | Value::Double(_) if mask.is_secret(key) => any_text(to, REDACTED),
        Value::Int(value) => to.present(INT, value as u64),
        Value::Double(value) => to.present_double(DOUBLE, value),
        Value::Text(text) | Value::Formatted(text) => any_text(to, &mask.value(key, text.of(texts))),
    }
}
