//! Packs spans.

use std::{collections::HashMap, sync::Arc};

use super::{
    COMPRESSION, ChunkError,
    stored::{
        Header, Packed, Rare, StoredAttributes, StoredEvent, StoredLink, StoredResource, StoredScope,
        StoredSpan, StoredStatus, StoredTrace, StoredValue,
    },
};
use crate::model::{Event, Link, Resource, Scope, Span, SpanStatus, Value};

/// Packs spans, which must be sorted by trace.
pub(in crate::embedded) fn pack(spans: &[&Span]) -> Result<Vec<u8>, ChunkError> {
    let mut packer = Packer::default();
    let mut traces = Vec::new();
    let mut bytes = Vec::with_capacity(spans.len() * 96);
    for trace in spans.chunk_by(|a, b| a.trace_id == b.trace_id) {
        let start = trace.iter().map(|span| span.start).min().unwrap_or_default();
        let before = bytes.len();
        for span in trace {
            bytes = packer.span(span, start, bytes)?;
        }
        traces.push(StoredTrace { id: trace[0].trace_id, start, bytes: bytes.len() - before });
    }
    let header =
        Header { texts: packer.texts.ordered(), resources: packer.resources, scopes: packer.scopes, traces };
    let mut body = postcard::to_extend(&header, Vec::with_capacity(bytes.len() + 16_384))?;
    body.extend_from_slice(&bytes);
    compress(&body)
}

pub(in crate::embedded) fn compress(body: &[u8]) -> Result<Vec<u8>, ChunkError> {
    Ok(zstd::bulk::compress(body, COMPRESSION)?)
}

/// Gives texts, resources and scopes of a chunk their numbers.
#[derive(Default)]
pub(in crate::embedded) struct Packer<'a> {
    pub(in crate::embedded) texts: Texts<'a>,
    pub(in crate::embedded) resources: Vec<StoredResource>,
    resource_numbers: HashMap<*const Resource, u32>,
    pub(in crate::embedded) scopes: Vec<StoredScope>,
    scope_numbers: HashMap<*const Scope, u32>,
    /// Kept from span to span for its room.
    scratch: Vec<u8>,
}

#[derive(Default)]
pub(in crate::embedded) struct Texts<'a>(HashMap<&'a str, u32>);

impl<'a> Texts<'a> {
    pub(in crate::embedded) fn number(&mut self, text: &'a str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(text).or_insert(next)
    }

    pub(in crate::embedded) fn ordered(self) -> Vec<&'a str> {
        let mut texts = vec![""; self.0.len()];
        for (text, number) in self.0 {
            texts[number as usize] = text;
        }
        texts
    }
}

impl<'a> Packer<'a> {
    /// Writes a span behind what is there.
    fn span(&mut self, span: &'a Span, trace_start: u64, bytes: Vec<u8>) -> Result<Vec<u8>, ChunkError> {
        let attributes = self.attributes(&span.attributes);
        let attributes = postcard::to_extend(&attributes, std::mem::take(&mut self.scratch))?;
        let rare = match self.rare(span) {
            Some(rare) => postcard::to_allocvec(&rare)?,
            None => Vec::new(),
        };
        let stored = StoredSpan {
            span_id: span.span_id,
            parent: span.parent,
            name: self.texts.number(&span.name),
            resource: self.resource(&span.resource),
            scope: self.scope(&span.scope),
            kind: span.kind,
            status: match &span.status {
                SpanStatus::Unset => StoredStatus::Unset,
                SpanStatus::Ok => StoredStatus::Ok,
                SpanStatus::Error(message) => StoredStatus::Error(self.texts.number(message)),
            },
            start: span.start - trace_start,
            duration: span.duration(),
            flags: span.flags,
            trace_state: self.texts.number(&span.trace_state),
            attributes: Packed(&attributes),
            rare: Packed(&rare),
        };
        let bytes = postcard::to_extend(&stored, bytes)?;
        self.scratch = attributes;
        self.scratch.clear();
        Ok(bytes)
    }

    fn rare(&mut self, span: &'a Span) -> Option<Rare> {
        let is_there = !span.events.is_empty()
            || !span.links.is_empty()
            || (span.dropped_attributes, span.dropped_events, span.dropped_links) != (0, 0, 0);
        is_there.then(|| Rare {
            events: span.events.iter().map(|event| self.event(event, span.start)).collect(),
            links: span.links.iter().map(|link| self.link(link)).collect(),
            dropped_attributes: span.dropped_attributes,
            dropped_events: span.dropped_events,
            dropped_links: span.dropped_links,
        })
    }

    fn event(&mut self, event: &'a Event, start: u64) -> StoredEvent {
        StoredEvent {
            // Wraps for an event before its span; unpacking wraps it back.
            at: event.at.wrapping_sub(start),
            name: self.texts.number(&event.name),
            attributes: self.attributes(&event.attributes),
            dropped_attributes: event.dropped_attributes,
        }
    }

    fn link(&mut self, link: &'a Link) -> StoredLink {
        StoredLink {
            trace_id: link.trace_id,
            span_id: link.span_id,
            trace_state: self.texts.number(&link.trace_state),
            attributes: self.attributes(&link.attributes),
        }
    }

    // Spans of one request share their resource and scope, so the address tells them apart well enough; equal ones at
    // two addresses are merely kept twice.
    pub(in crate::embedded) fn resource(&mut self, resource: &'a Arc<Resource>) -> u32 {
        if let Some(number) = self.resource_numbers.get(&Arc::as_ptr(resource)) {
            return *number;
        }
        let stored = StoredResource {
            service: self.texts.number(&resource.service),
            instance: self.texts.number(&resource.instance),
            attributes: self.attributes(&resource.attributes),
        };
        let number = self.resources.len() as u32;
        self.resources.push(stored);
        self.resource_numbers.insert(Arc::as_ptr(resource), number);
        number
    }

    pub(in crate::embedded) fn scope(&mut self, scope: &'a Arc<Scope>) -> u32 {
        if let Some(number) = self.scope_numbers.get(&Arc::as_ptr(scope)) {
            return *number;
        }
        let stored = StoredScope {
            name: self.texts.number(&scope.name),
            version: self.texts.number(&scope.version),
            attributes: self.attributes(&scope.attributes),
        };
        let number = self.scopes.len() as u32;
        self.scopes.push(stored);
        self.scope_numbers.insert(Arc::as_ptr(scope), number);
        number
    }

    pub(in crate::embedded) fn attributes(&mut self, attributes: &'a [(String, Value)]) -> StoredAttributes {
        attributes.iter().map(|(key, value)| (self.texts.number(key), self.value(value))).collect()
    }

    pub(in crate::embedded) fn value(&mut self, value: &'a Value) -> StoredValue {
        match value {
            Value::Empty => StoredValue::Empty,
            Value::String(text) => StoredValue::Text(self.texts.number(text)),
            Value::Bool(value) => StoredValue::Bool(*value),
            Value::Int(value) => StoredValue::Int(*value),
            Value::Double(value) => StoredValue::Double(*value),
            Value::Bytes(bytes) => StoredValue::Bytes(bytes.clone()),
            Value::Array(values) => {
                StoredValue::Array(values.iter().map(|value| self.value(value)).collect())
            }
            Value::Map(values) => StoredValue::Map(self.attributes(values)),
        }
    }
}
