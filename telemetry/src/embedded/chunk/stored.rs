//! What a chunk is made of, as postcard writes it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{SpanId, SpanKind, TraceId};

#[derive(Serialize, Deserialize)]
pub(super) struct Header<'a> {
    #[serde(borrow)]
    pub(super) texts: Vec<&'a str>,
    pub(super) resources: Vec<StoredResource>,
    pub(super) scopes: Vec<StoredScope>,
    pub(super) traces: Vec<StoredTrace>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredTrace {
    pub(super) id: TraceId,
    pub(super) start: u64,
    pub(super) bytes: usize,
}

#[derive(Serialize, Deserialize)]
pub(in crate::embedded) struct StoredResource {
    pub(in crate::embedded) service: u32,
    pub(in crate::embedded) instance: u32,
    pub(in crate::embedded) attributes: StoredAttributes,
}

#[derive(Serialize, Deserialize)]
pub(in crate::embedded) struct StoredScope {
    pub(in crate::embedded) name: u32,
    pub(in crate::embedded) version: u32,
    pub(in crate::embedded) attributes: StoredAttributes,
}

/// A span; its attributes, and what is rare, are packed once more, so that a search need not look into them.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredSpan<'a> {
    pub(super) span_id: SpanId,
    pub(super) parent: Option<SpanId>,
    pub(super) name: u32,
    pub(super) resource: u32,
    pub(super) scope: u32,
    pub(super) kind: SpanKind,
    pub(super) status: StoredStatus,
    pub(super) start: u64,
    pub(super) duration: u64,
    pub(super) flags: u32,
    pub(super) trace_state: u32,
    /// [`StoredAttributes`].
    #[serde(borrow)]
    pub(super) attributes: Packed<'a>,
    /// [`Rare`], or nothing.
    #[serde(borrow)]
    pub(super) rare: Packed<'a>,
}

/// Bytes in which postcard has written something.
#[derive(Clone, Copy)]
pub(in crate::embedded) struct Packed<'a>(pub(in crate::embedded) &'a [u8]);

impl Serialize for Packed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Packed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(Self)
    }
}

/// What most spans do not have.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Rare {
    pub(super) events: Vec<StoredEvent>,
    pub(super) links: Vec<StoredLink>,
    pub(super) dropped_attributes: u32,
    pub(super) dropped_events: u32,
    pub(super) dropped_links: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) enum StoredStatus {
    Unset,
    Ok,
    Error(u32),
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredEvent {
    pub(super) at: u64,
    pub(super) name: u32,
    pub(super) attributes: StoredAttributes,
    pub(super) dropped_attributes: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredLink {
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    pub(super) trace_state: u32,
    pub(super) attributes: StoredAttributes,
}

pub(in crate::embedded) type StoredAttributes = Vec<(u32, StoredValue)>;

#[derive(Serialize, Deserialize)]
pub(in crate::embedded) enum StoredValue {
    Empty,
    Text(u32),
    Bool(bool),
    Int(i64),
    Double(f64),
    Bytes(Vec<u8>),
    Array(Vec<StoredValue>),
    Map(StoredAttributes),
}
