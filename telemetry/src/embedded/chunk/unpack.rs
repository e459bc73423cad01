//! Unpacks spans.

use std::{cell::RefCell, sync::Arc};

use super::{
    ChunkError, MAX_INFLATED,
    stored::{
        Header, Rare, StoredAttributes, StoredEvent, StoredLink, StoredResource, StoredScope, StoredSpan,
        StoredStatus, StoredTrace, StoredValue,
    },
};
use crate::model::{Attributes, Event, Link, Resource, Scope, Span, SpanStatus, TraceId, Value};

/// Unpacks the spans of one trace, or all of them.
pub(in crate::embedded) fn unpack(chunk: &[u8], only: Option<TraceId>) -> Result<Vec<Span>, ChunkError> {
    let body = inflate(chunk)?;
    let (header, mut rest): (Header<'_>, &[u8]) = postcard::take_from_bytes(&body)?;
    let unpacker = Unpacker::new(&header.texts, &header.resources, &header.scopes)?;
    let mut spans = Vec::new();
    for trace in &header.traces {
        let (mut bytes, after) = rest.split_at_checked(trace.bytes).ok_or(ChunkError::Dangling)?;
        rest = after;
        if only.is_some_and(|id| id != trace.id) {
            continue;
        }
        while !bytes.is_empty() {
            let (stored, remaining): (StoredSpan<'_>, &[u8]) = postcard::take_from_bytes(bytes)?;
            bytes = remaining;
            spans.push(unpacker.span(stored, trace)?);
        }
    }
    Ok(spans)
}

thread_local! {
    // Making one takes as long as inflating a chunk.
    static INFLATER: RefCell<zstd::bulk::Decompressor<'static>> = RefCell::default();
}

pub(in crate::embedded) fn inflate(chunk: &[u8]) -> Result<Vec<u8>, ChunkError> {
    let size = zstd::bulk::Decompressor::<'static>::upper_bound(chunk).ok_or(ChunkError::Dangling)?;
    INFLATER.with_borrow_mut(|inflater| Ok(inflater.decompress(chunk, size.min(MAX_INFLATED))?))
}

/// Makes of the numbers of a chunk what they stand for.
pub(in crate::embedded) struct Unpacker<'a> {
    texts: &'a [&'a str],
    resources: Vec<Arc<Resource>>,
    scopes: Vec<Arc<Scope>>,
}

impl<'a> Unpacker<'a> {
    pub(in crate::embedded) fn new(
        texts: &'a [&'a str],
        resources: &[StoredResource],
        scopes: &[StoredScope],
    ) -> Result<Self, ChunkError> {
        let mut unpacker = Self { texts, resources: Vec::new(), scopes: Vec::new() };
        for stored in resources {
            let resource = Resource {
                service: unpacker.text(stored.service)?,
                instance: unpacker.text(stored.instance)?,
                attributes: unpacker.attributes(&stored.attributes)?,
            };
            unpacker.resources.push(Arc::new(resource));
        }
        for stored in scopes {
            let scope = Scope {
                name: unpacker.text(stored.name)?,
                version: unpacker.text(stored.version)?,
                attributes: unpacker.attributes(&stored.attributes)?,
            };
            unpacker.scopes.push(Arc::new(scope));
        }
        Ok(unpacker)
    }

    pub(in crate::embedded) fn text(&self, number: u32) -> Result<String, ChunkError> {
        self.texts.get(number as usize).map(|text| (*text).to_owned()).ok_or(ChunkError::Dangling)
    }

    fn span(&self, stored: StoredSpan<'_>, trace: &StoredTrace) -> Result<Span, ChunkError> {
        let start = trace.start.wrapping_add(stored.start);
        let rare: Rare = match stored.rare.0 {
            [] => Rare::default(),
            packed => postcard::from_bytes(packed)?,
        };
        Ok(Span {
            trace_id: trace.id,
            span_id: stored.span_id,
            parent: stored.parent,
            trace_state: self.text(stored.trace_state)?,
            flags: stored.flags,
            name: self.text(stored.name)?,
            kind: stored.kind,
            start,
            end: start.wrapping_add(stored.duration),
            status: match stored.status {
                StoredStatus::Unset => SpanStatus::Unset,
                StoredStatus::Ok => SpanStatus::Ok,
                StoredStatus::Error(message) => SpanStatus::Error(self.text(message)?),
            },
            attributes: self.attributes(&postcard::from_bytes(stored.attributes.0)?)?,
            events: rare
                .events
                .into_iter()
                .map(|event| self.event(event, start))
                .collect::<Result<_, _>>()?,
            links: rare.links.into_iter().map(|link| self.link(link)).collect::<Result<_, _>>()?,
            dropped_attributes: rare.dropped_attributes,
            dropped_events: rare.dropped_events,
            dropped_links: rare.dropped_links,
            resource: self.resource(stored.resource)?,
            scope: self.scope(stored.scope)?,
        })
    }

    pub(in crate::embedded) fn resource(&self, number: u32) -> Result<Arc<Resource>, ChunkError> {
        self.resources.get(number as usize).cloned().ok_or(ChunkError::Dangling)
    }

    pub(in crate::embedded) fn scope(&self, number: u32) -> Result<Arc<Scope>, ChunkError> {
        self.scopes.get(number as usize).cloned().ok_or(ChunkError::Dangling)
    }

    fn event(&self, stored: StoredEvent, start: u64) -> Result<Event, ChunkError> {
        Ok(Event {
            at: start.wrapping_add(stored.at),
            name: self.text(stored.name)?,
            attributes: self.attributes(&stored.attributes)?,
            dropped_attributes: stored.dropped_attributes,
        })
    }

    fn link(&self, stored: StoredLink) -> Result<Link, ChunkError> {
        Ok(Link {
            trace_id: stored.trace_id,
            span_id: stored.span_id,
            trace_state: self.text(stored.trace_state)?,
            attributes: self.attributes(&stored.attributes)?,
        })
    }

    pub(in crate::embedded) fn attributes(
        &self,
        stored: &StoredAttributes,
    ) -> Result<Attributes, ChunkError> {
        stored.iter().map(|(key, value)| Ok((self.text(*key)?, self.value(value)?))).collect()
    }

    pub(in crate::embedded) fn value(&self, stored: &StoredValue) -> Result<Value, ChunkError> {
        Ok(match stored {
            StoredValue::Empty => Value::Empty,
            StoredValue::Text(number) => Value::String(self.text(*number)?),
            StoredValue::Bool(value) => Value::Bool(*value),
            StoredValue::Int(value) => Value::Int(*value),
            StoredValue::Double(value) => Value::Double(*value),
            StoredValue::Bytes(bytes) => Value::Bytes(bytes.clone()),
            StoredValue::Array(values) => {
                Value::Array(values.iter().map(|value| self.value(value)).collect::<Result<_, _>>()?)
            }
            StoredValue::Map(values) => Value::Map(self.attributes(values)?),
        })
    }
}
