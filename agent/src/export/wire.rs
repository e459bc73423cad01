//! Writes protobuf where there is much of it: straight into the bytes that are sent. To build the structures of the messages first
//! would cost several times as much, most of it for memory that is given back at once.
//!
//! As proto3 has it, what is empty or zero is left out, unless it is said to be [present](Message::present).

use prost::length_delimiter_len;

/// A message that is being written.
#[derive(Debug)]
pub(super) struct Message<'a>(&'a mut Vec<u8>);

/// How the value of a field is written.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}

impl<'a> Message<'a> {
    /// A message at the end of these bytes.
    pub(super) fn at_end_of(bytes: &'a mut Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn number(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.present(field, value);
        }
    }

    /// A number that is told though it may be zero, because it was chosen among others (`oneof`).
    pub(super) fn present(&mut self, field: u32, value: u64) {
        self.key(field, Wire::Varint);
        self.varint(value);
    }

    pub(super) fn fixed32(&mut self, field: u32, value: u32) {
        if value != 0 {
            self.key(field, Wire::Fixed32);
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }

    pub(super) fn fixed64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.key(field, Wire::Fixed64);
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// A number that is told though it may be zero.
    pub(super) fn present_double(&mut self, field: u32, value: f64) {
        self.key(field, Wire::Fixed64);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, field: u32, value: &[u8]) {
        if !value.is_empty() {
            self.present_bytes(field, value);
        }
    }

    /// Bytes, or a text, that are told though they may be empty.
    pub(super) fn present_bytes(&mut self, field: u32, value: &[u8]) {
        self.key(field, Wire::Length);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    /// A message within this one, also where nothing is in it.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Message<'_>)) {
        self.message_with(field, 1, write);
    }

    /// The same of one that has 128 bytes or more, as a rule.
    pub(super) fn long_message(&mut self, field: u32, write: impl FnOnce(&mut Message<'_>)) {
        self.message_with(field, 2, write);
    }

    /// Its length is known afterwards. Where that does not take just so many bytes, the message is moved.
    fn message_with(&mut self, field: u32, room: usize, write: impl FnOnce(&mut Message<'_>)) {
        self.key(field, Wire::Length);
        let at = self.0.len();
        self.0.resize(at + room, 0);
        write(&mut Message(self.0));
        let (start, end) = (at + room, self.0.len());
        let mut length = end - start;
        let taken = length_delimiter_len(length);
        if taken != room {
            self.0.resize(end.max(end + taken - room), 0);
            self.0.copy_within(start..end, at + taken);
            self.0.truncate(end + taken - room);
        }
        for byte in &mut self.0[at..at + taken] {
            *byte = length as u8 | 0x80;
            length >>= 7;
        }
        self.0[at + taken - 1] &= 0x7f;
    }

    /// A message within this one whose length is known.
    pub(super) fn message_of(&mut self, field: u32, length: usize, write: impl FnOnce(&mut Message<'_>)) {
        self.key(field, Wire::Length);
        self.varint(length as u64);
        let end = self.0.len() + length;
        write(&mut Message(self.0));
        debug_assert_eq!(self.0.len(), end);
    }

    /// Fields that are written already.
    pub(super) fn fields(&mut self, written: &[u8]) {
        self.0.extend_from_slice(written);
    }

    fn key(&mut self, field: u32, wire: Wire) {
        self.varint(u64::from(field << 3 | wire as u32));
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// How many bytes a field takes, of a number below 16, that holds so many.
pub(super) fn length_of(bytes: usize) -> usize {
    1 + length_delimiter_len(bytes) + bytes
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        common::v1::{AnyValue, any_value::Value},
        trace::v1::{Span, Status, span},
    };
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;

    fn written(write: impl FnOnce(&mut Message<'_>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut Message::at_end_of(&mut bytes));
        bytes
    }

    proptest! {
        #[test]
        fn it_is_what_prost_writes(
            number: u64, small: u32, fixed: u32, double: f64, name: String, events in 0..300_usize, length in 0..20_000_usize,
        ) {
            let event = span::Event { name: name.clone(), time_unix_nano: number, ..Default::default() };
            let expected = Span {
                trace_id: vec![7; 16],
                name: name.clone(),
                flags: fixed,
                kind: 3,
                start_time_unix_nano: number,
                dropped_attributes_count: small,
                events: vec![event; events],
                status: Some(Status { message: "x".repeat(length), code: 2 }),
                ..Default::default()
            };
            let bytes = written(|span| {
                span.bytes(1, &[7; 16]);
                span.bytes(5, name.as_bytes());
                span.number(6, 3);
                span.fixed64(7, number);
                span.number(10, small.into());
                for _ in 0..events {
                    span.long_message(11, |event| {
                        event.fixed64(1, number);
                        event.bytes(2, name.as_bytes());
                    });
                }
                span.message(15, |status| {
                    status.bytes(2, "x".repeat(length).as_bytes());
                    status.number(3, 2);
                });
                span.fixed32(16, fixed);
            });
            prop_assert_eq!(bytes, expected.encode_to_vec());
            let any = |value| AnyValue { value: Some(value) }.encode_to_vec();
            prop_assert_eq!(written(|any| any.present(3, number)), any(Value::IntValue(number as i64)));
            prop_assert_eq!(written(|any| any.present_double(4, double)), any(Value::DoubleValue(double)));
        }
    }

    #[test]
    fn what_is_present_is_told_though_it_is_nothing() {
        let any = |value| AnyValue { value: Some(value) }.encode_to_vec();
        assert_eq!(written(|it| it.present_bytes(1, b"")), any(Value::StringValue(String::new())));
        assert_eq!(written(|it| it.present(2, 0)), any(Value::BoolValue(false)));
        assert_eq!(written(|it| it.present_double(4, 0.0)), any(Value::DoubleValue(0.0)));
        let nothing = Span::default().encode_to_vec();
        let zeros = written(|it| {
            it.number(6, 0);
            it.fixed64(7, 0);
            it.fixed32(16, 0);
            it.bytes(5, b"");
        });
        assert_eq!(zeros, nothing);
        assert_eq!(
            written(|it| it.message(15, |_| {})),
            Span { status: Some(Status::default()), ..Span::default() }.encode_to_vec()
        );
    }
}
