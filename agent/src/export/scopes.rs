//! The spans or log records of one request, by their scopes.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

use super::wire::{Message, length_of};

/// Bytes of a piece, and of the first one of a scope: most requests of a quiet service are small.
const PIECE: usize = 32 << 10;
const FIRST_PIECE: usize = 4 << 10;
/// With less room than this a piece is full.
const ROOM: usize = 1 << 10;

/// The spans or log records of one request, written one after the other, by the names of their scopes. In pieces: one that grew would be
/// copied again and again.
#[derive(Debug, Default)]
pub(super) struct Scopes<'a>(BTreeMap<&'a str, Vec<Vec<u8>>>);

impl<'a> Scopes<'a> {
    /// Adds one to a scope.
    pub(super) fn add(&mut self, scope: &'a str, write: impl FnOnce(&mut Message<'_>)) {
        let pieces = self.0.entry(scope).or_default();
        match pieces.last_mut().filter(|last| last.capacity() - last.len() >= ROOM) {
            Some(last) => Message::at_end_of(last).long_message(2, write),
            None => {
                let size = if pieces.is_empty() { FIRST_PIECE } else { PIECE };
                let mut next = Vec::with_capacity(size);
                Message::at_end_of(&mut next).long_message(2, write);
                pieces.push(next);
            }
        }
    }

    /// A request with them as those of this resource. Spans and log records have the same numbers of fields.
    pub(super) fn request(self, resource: &Resource) -> Vec<u8> {
        let resource = resource.encode_to_vec();
        let scopes: Vec<_> = self.0.into_iter().map(Scope::new).collect();
        let length =
            length_of(resource.len()) + scopes.iter().map(|scope| length_of(scope.length)).sum::<usize>();
        let mut bytes = Vec::with_capacity(length_of(length));
        Message::at_end_of(&mut bytes).message_of(1, length, |own| {
            own.present_bytes(1, &resource);
            for scope in scopes {
                own.message_of(2, scope.length, |own| {
                    own.fields(&scope.head);
                    scope.pieces.iter().for_each(|piece| own.fields(piece));
                });
            }
        });
        bytes
    }
}

/// What a scope holds, and how long that is.
struct Scope {
    head: Vec<u8>,
    pieces: Vec<Vec<u8>>,
    length: usize,
}

impl Scope {
    fn new((name, pieces): (&str, Vec<Vec<u8>>)) -> Self {
        let mut head = Vec::new();
        Message::at_end_of(&mut head).message(1, |scope| scope.bytes(1, name.as_bytes()));
        let length = head.len() + pieces.iter().map(Vec::len).sum::<usize>();
        Self { head, pieces, length }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        common::v1::InstrumentationScope,
        trace::v1::{ResourceSpans, ScopeSpans, Span},
    };

    use super::*;

    #[test]
    fn many_of_several_scopes_are_what_prost_writes() {
        let resource = Resource { dropped_attributes_count: 7, ..Resource::default() };
        for count in [0, 1, 10, 3_000] {
            let mut scopes = Scopes::default();
            let mut expected = BTreeMap::<_, Vec<Span>>::new();
            for number in 0..count {
                let (scope, name) = (["", "till", "kitchen"][number % 3], "x".repeat(number));
                scopes.add(scope, |span| span.bytes(5, name.as_bytes()));
                expected.entry(scope).or_default().push(Span { name, ..Span::default() });
            }
            let of_scope = |(name, spans): (&str, _)| {
                let scope = InstrumentationScope { name: name.into(), ..Default::default() };
                ScopeSpans { scope: Some(scope), spans, ..Default::default() }
            };
            let scope_spans = expected.into_iter().map(of_scope).collect();
            let of_resource =
                ResourceSpans { resource: Some(resource.clone()), scope_spans, ..Default::default() };
            let expected = ExportTraceServiceRequest { resource_spans: vec![of_resource] };
            assert_eq!(scopes.request(&resource), expected.encode_to_vec(), "{count}");
        }
    }
}
