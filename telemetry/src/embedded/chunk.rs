//! The compressed form of a batch of spans.
//!
//! A chunk is a [`Header`] (its texts, resources and scopes once each, and the traces with their lengths), followed by
//! the spans of each trace. Keys, names and values refer to the texts by number, times to the trace's first start.
//! postcard writes it, zstd compresses it.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::model::{
    Attributes, Event, Link, Resource, Scope, Span, SpanId, SpanKind, SpanStatus, TraceId, Value,
};

/// Spans of a chunk that grows no further. More compress better, fewer are found and unpacked faster.
pub(super) const FULL: usize = 512;
const COMPRESSION: i32 = 3;
/// A chunk of spans at their largest allowed size is far below this.
const MAX_INFLATED: usize = 1 << 30;

/// Why a chunk could not be made or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChunkError {
    #[error("a chunk could not be compressed or inflated: {0}")]
    Compression(#[from] std::io::Error),
    #[error("a chunk is damaged: {0}")]
    Damaged(#[from] postcard::Error),
    #[error("a chunk is damaged: it refers to what it does not hold")]
    Dangling,
}

#[derive(Serialize, Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    texts: Vec<&'a str>,
    resources: Vec<StoredResource>,
    scopes: Vec<StoredScope>,
    traces: Vec<StoredTrace>,
}

#[derive(Serialize, Deserialize)]
struct StoredTrace {
    id: TraceId,
    start: u64,
    bytes: usize,
}

#[derive(Serialize, Deserialize)]
struct StoredResource {
    service: u32,
    instance: u32,
    attributes: StoredAttributes,
}

#[derive(Serialize, Deserialize)]
struct StoredScope {
    name: u32,
    version: u32,
    attributes: StoredAttributes,
}

#[derive(Serialize, Deserialize)]
struct StoredSpan {
    span_id: SpanId,
    parent: Option<SpanId>,
    name: u32,
    resource: u32,
    scope: u32,
    kind: SpanKind,
    status: StoredStatus,
    start: u64,
    duration: u64,
    flags: u32,
    trace_state: u32,
    attributes: StoredAttributes,
    rare: Option<Box<Rare>>,
}

/// What most spans do not have.
#[derive(Serialize, Deserialize)]
struct Rare {
    events: Vec<StoredEvent>,
    links: Vec<StoredLink>,
    dropped_attributes: u32,
    dropped_events: u32,
    dropped_links: u32,
}

#[derive(Serialize, Deserialize)]
enum StoredStatus {
    Unset,
    Ok,
    Error(u32),
}

#[derive(Serialize, Deserialize)]
struct StoredEvent {
    at: u64,
    name: u32,
    attributes: StoredAttributes,
    dropped_attributes: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredLink {
    trace_id: TraceId,
    span_id: SpanId,
    trace_state: u32,
    attributes: StoredAttributes,
}

type StoredAttributes = Vec<(u32, StoredValue)>;

#[derive(Serialize, Deserialize)]
enum StoredValue {
    Empty,
    Text(u32),
    Bool(bool),
    Int(i64),
    Double(f64),
    Bytes(Vec<u8>),
    Array(Vec<StoredValue>),
    Map(StoredAttributes),
}

/// Packs spans, which must be sorted by trace.
pub(super) fn pack(spans: &[&Span]) -> Result<Vec<u8>, ChunkError> {
    let mut packer = Packer::default();
    let mut traces = Vec::new();
    let mut bytes = Vec::with_capacity(spans.len() * 96);
    for trace in spans.chunk_by(|a, b| a.trace_id == b.trace_id) {
        let start = trace.iter().map(|span| span.start).min().unwrap_or_default();
        let before = bytes.len();
        for span in trace {
            bytes = postcard::to_extend(&packer.span(span, start), bytes)?;
        }
        traces.push(StoredTrace { id: trace[0].trace_id, start, bytes: bytes.len() - before });
    }
    let header =
        Header { texts: packer.texts.ordered(), resources: packer.resources, scopes: packer.scopes, traces };
    let mut body = postcard::to_extend(&header, Vec::with_capacity(bytes.len() + 16_384))?;
    body.extend_from_slice(&bytes);
    Ok(zstd::bulk::compress(&body, COMPRESSION)?)
}

/// Unpacks the spans of one trace, or all of them.
pub(super) fn unpack(chunk: &[u8], only: Option<TraceId>) -> Result<Vec<Span>, ChunkError> {
    let body = inflate(chunk)?;
    let (header, mut rest): (Header<'_>, &[u8]) = postcard::take_from_bytes(&body)?;
    let unpacker = Unpacker::new(&header)?;
    let mut spans = Vec::new();
    for trace in &header.traces {
        let (mut bytes, after) = rest.split_at_checked(trace.bytes).ok_or(ChunkError::Dangling)?;
        rest = after;
        if only.is_some_and(|id| id != trace.id) {
            continue;
        }
        while !bytes.is_empty() {
            let (stored, remaining): (StoredSpan, &[u8]) = postcard::take_from_bytes(bytes)?;
            bytes = remaining;
            spans.push(unpacker.span(stored, trace)?);
        }
    }
    Ok(spans)
}

fn inflate(chunk: &[u8]) -> Result<Vec<u8>, ChunkError> {
    let size = zstd::bulk::Decompressor::<'static>::upper_bound(chunk).ok_or(ChunkError::Dangling)?;
    Ok(zstd::bulk::decompress(chunk, size.min(MAX_INFLATED))?)
}

#[derive(Default)]
struct Packer<'a> {
    texts: Texts<'a>,
    resources: Vec<StoredResource>,
    resource_numbers: HashMap<*const Resource, u32>,
    scopes: Vec<StoredScope>,
    scope_numbers: HashMap<*const Scope, u32>,
}

#[derive(Default)]
struct Texts<'a>(HashMap<&'a str, u32>);

impl<'a> Texts<'a> {
    fn number(&mut self, text: &'a str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(text).or_insert(next)
    }

    fn ordered(self) -> Vec<&'a str> {
        let mut texts = vec![""; self.0.len()];
        for (text, number) in self.0 {
            texts[number as usize] = text;
        }
        texts
    }
}

impl<'a> Packer<'a> {
    fn span(&mut self, span: &'a Span, trace_start: u64) -> StoredSpan {
        let rare = !span.events.is_empty()
            || !span.links.is_empty()
            || (span.dropped_attributes, span.dropped_events, span.dropped_links) != (0, 0, 0);
        StoredSpan {
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
            attributes: self.attributes(&span.attributes),
            rare: rare.then(|| Box::new(self.rare(span))),
        }
    }

    fn rare(&mut self, span: &'a Span) -> Rare {
        Rare {
            events: span.events.iter().map(|event| self.event(event, span.start)).collect(),
            links: span.links.iter().map(|link| self.link(link)).collect(),
            dropped_attributes: span.dropped_attributes,
            dropped_events: span.dropped_events,
            dropped_links: span.dropped_links,
        }
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
    fn resource(&mut self, resource: &'a Arc<Resource>) -> u32 {
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

    fn scope(&mut self, scope: &'a Arc<Scope>) -> u32 {
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

    fn attributes(&mut self, attributes: &'a [(String, Value)]) -> StoredAttributes {
        attributes.iter().map(|(key, value)| (self.texts.number(key), self.value(value))).collect()
    }

    fn value(&mut self, value: &'a Value) -> StoredValue {
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

struct Unpacker<'a> {
    texts: &'a [&'a str],
    resources: Vec<Arc<Resource>>,
    scopes: Vec<Arc<Scope>>,
}

impl<'a> Unpacker<'a> {
    fn new(header: &'a Header<'a>) -> Result<Self, ChunkError> {
        let mut unpacker = Self { texts: &header.texts, resources: Vec::new(), scopes: Vec::new() };
        for stored in &header.resources {
            let resource = Resource {
                service: unpacker.text(stored.service)?,
                instance: unpacker.text(stored.instance)?,
                attributes: unpacker.attributes(&stored.attributes)?,
            };
            unpacker.resources.push(Arc::new(resource));
        }
        for stored in &header.scopes {
            let scope = Scope {
                name: unpacker.text(stored.name)?,
                version: unpacker.text(stored.version)?,
                attributes: unpacker.attributes(&stored.attributes)?,
            };
            unpacker.scopes.push(Arc::new(scope));
        }
        Ok(unpacker)
    }

    fn text(&self, number: u32) -> Result<String, ChunkError> {
        self.texts.get(number as usize).map(|text| (*text).to_owned()).ok_or(ChunkError::Dangling)
    }

    fn span(&self, stored: StoredSpan, trace: &StoredTrace) -> Result<Span, ChunkError> {
        let start = trace.start.wrapping_add(stored.start);
        let rare = stored.rare.map(|rare| *rare);
        let (dropped_attributes, dropped_events, dropped_links) = rare
            .as_ref()
            .map_or((0, 0, 0), |rare| (rare.dropped_attributes, rare.dropped_events, rare.dropped_links));
        let (events, links) = match rare {
            Some(rare) => (
                rare.events.into_iter().map(|event| self.event(event, start)).collect::<Result<_, _>>()?,
                rare.links.into_iter().map(|link| self.link(link)).collect::<Result<_, _>>()?,
            ),
            None => (Vec::new(), Vec::new()),
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
            attributes: self.attributes(&stored.attributes)?,
            events,
            links,
            dropped_attributes,
            dropped_events,
            dropped_links,
            resource: self.resources.get(stored.resource as usize).cloned().ok_or(ChunkError::Dangling)?,
            scope: self.scopes.get(stored.scope as usize).cloned().ok_or(ChunkError::Dangling)?,
        })
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

    fn attributes(&self, stored: &StoredAttributes) -> Result<Attributes, ChunkError> {
        stored.iter().map(|(key, value)| Ok((self.text(*key)?, self.value(value)?))).collect()
    }

    fn value(&self, stored: &StoredValue) -> Result<Value, ChunkError> {
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
