//! Attributes as OTLP, without their secrets.

use super::{wire::Message, written};
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
    to.message(field, |own| key_value(own, key, value));
}

/// What a `KeyValue` holds.
fn key_value(own: &mut Message<'_>, key: &str, value: impl FnOnce(&mut Message<'_>)) {
    own.present_bytes(1, key.as_bytes());
    own.message(2, value);
}

/// An attribute whose value is this text as it stands.
pub(super) fn write_text(to: &mut Message<'_>, field: u32, key: &str, text: &str) {
    write(to, field, key, |value| any_text(value, text));
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
    let key = attribute.key;
    if let Some(text) = attribute.value.text() {
        let text = text.of(texts);
        if written::is_known(mask.id(), key, text, |bytes| to.present_bytes(field, bytes)) {
            return;
        }
        let masked = mask.value(key, text);
        if masked == text {
            written::remember(mask.id(), key, text, |bytes| {
                key_value(&mut Message::at_end_of(bytes), key, |value| any_text(value, text));
            });
        }
        return write_text(to, field, key, &masked);
    }
    write(to, field, key, |value| any_masked(value, attribute, texts, mask));
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
        Value::Int(_) | Value::Unsigned(_) | Value::Double(_) if mask.is_secret(key) => {
            any_text(to, REDACTED)
        }
        Value::Int(value) => to.present(INT, value as u64),
        Value::Unsigned(value) => any_text(to, &value.to_string()),
        Value::Double(value) => to.present_double(DOUBLE, value),
        Value::Text(text) | Value::Formatted(text) => any_text(to, &mask.value(key, text.of(texts))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Limits, text::Text};

    /// One attribute as it is written.
    fn written(key: &'static str, text: &str, mask: &Mask) -> Vec<u8> {
        let (mut texts, mut bytes) = (String::from("before"), Vec::new());
        let value = Text::write(&mut texts, &Limits::default(), text).unwrap();
        let attribute = Attribute { key, value: Value::Text(value) };
        write_masked(&mut Message::at_end_of(&mut bytes), 9, &attribute, &texts, mask);
        bytes
    }

    fn as_it_stands(key: &str, text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_text(&mut Message::at_end_of(&mut bytes), 9, key, text);
        bytes
    }

    #[test]
    fn what_is_remembered_is_what_would_be_written() {
        let mask = Mask::default();
        for _ in 0..3 {
            // More than are remembered, and longer ones.
            for number in 0..2_000 {
                for text in [number.to_string(), "x".repeat(number)] {
                    assert_eq!(written("drink", &text, &mask), as_it_stands("drink", &text));
                    assert_eq!(written("cup", &text, &mask), as_it_stands("cup", &text));
                }
                let token = format!("token={number}");
                assert_eq!(written("drink", &token, &mask), as_it_stands("drink", "token=REDACTED"));
            }
        }
    }

    #[test]
    fn what_one_mask_lets_pass_may_be_a_secret_for_another() {
        let (usual, other) = (Mask::default(), Mask::new(["shoe_size"]));
        for _ in 0..2 {
            assert_eq!(written("shoe_size", "42", &usual), as_it_stands("shoe_size", "42"));
            assert_eq!(written("shoe_size", "42", &other), as_it_stands("shoe_size", REDACTED));
            assert_eq!(written("password", "42", &usual), as_it_stands("password", REDACTED));
            assert_eq!(written("password", "", &usual), as_it_stands("password", ""));
        }
    }
}
