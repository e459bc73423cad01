//! The compressed form of lines: texts, resources, scopes and traces once each, then the lines in order of time.

use serde::{Deserialize, Serialize};

use super::{Line, filter, text::Piece};
use crate::{
    embedded::chunk::{
        ChunkError, Packer, Unpacker, compress, inflate,
        stored::{Packed, StoredAttributes, StoredResource, StoredScope, StoredValue},
    },
    log::{LogQuery, LogRecord},
    model::{SpanId, TraceId},
};

#[derive(Serialize, Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    texts: Vec<&'a str>,
    resources: Vec<StoredResource>,
    scopes: Vec<StoredScope>,
    traces: Vec<TraceId>,
    first: u64,
}

/// A line; its fields are packed once more, so that a search need not look into them.
#[derive(Serialize, Deserialize)]
struct StoredLine<'a> {
    /// After the first line of the chunk.
    at: u64,
    /// Nanoseconds from `at` to when it was observed, wrapping; none where that was not said.
    observed: Option<i64>,
    severity: u8,
    severity_text: u32,
    event_name: u32,
    body: StoredValue,
    /// Place in the chunk's traces, from 1 on.
    trace: u32,
    span_id: Option<SpanId>,
    flags: u32,
    dropped_attributes: u32,
    resource: u32,
    scope: u32,
    repeat: u32,
    /// [`StoredAttributes`].
    #[serde(borrow)]
    attributes: Packed<'a>,
}

/// Packs lines, which must be in order of time.
pub(super) fn pack(lines: &[&Line]) -> Result<Vec<u8>, ChunkError> {
    let mut packer = Packer::default();
    let mut traces = std::collections::HashMap::new();
    let mut ordered = Vec::new();
    let first = lines.first().map(|line| line.record.at).unwrap_or_default();
    let mut bytes = Vec::with_capacity(lines.len() * 96);
    for Line { record, repeat } in lines {
        let attributes = postcard::to_allocvec(&packer.attributes(&record.attributes))?;
        let trace = record.trace_id.map_or(0, |id| {
            *traces.entry(id).or_insert_with(|| {
                ordered.push(id);
                ordered.len() as u32
            })
        });
        let stored = StoredLine {
            at: record.at - first,
            observed: (record.observed_at != 0)
                .then(|| record.observed_at.wrapping_sub(record.at).cast_signed()),
            severity: record.severity,
            severity_text: packer.texts.number(&record.severity_text),
            event_name: packer.texts.number(&record.event_name),
            body: packer.value(&record.body),
            trace,
            span_id: record.span_id,
            flags: record.flags,
            dropped_attributes: record.dropped_attributes,
            resource: packer.resource(&record.resource),
            scope: packer.scope(&record.scope),
            repeat: *repeat,
            attributes: Packed(&attributes),
        };
        bytes = postcard::to_extend(&stored, bytes)?;
    }
    let header = Header {
        texts: packer.texts.ordered(),
        resources: packer.resources,
        scopes: packer.scopes,
        traces: ordered,
        first,
    };
    let mut body = postcard::to_extend(&header, Vec::with_capacity(bytes.len() + 16_384))?;
    body.extend_from_slice(&bytes);
    compress(&body)
}

/// Unpacks all lines.
pub(super) fn unpack(chunk: &[u8]) -> Result<Vec<Line>, ChunkError> {
    let body = inflate(chunk)?;
    let (header, mut bytes): (Header<'_>, &[u8]) = postcard::take_from_bytes(&body)?;
    let unpacker = Unpacker::new(&header.texts, &header.resources, &header.scopes)?;
    let mut lines = Vec::new();
    while !bytes.is_empty() {
        let (stored, remaining): (StoredLine<'_>, &[u8]) = postcard::take_from_bytes(bytes)?;
        bytes = remaining;
        lines.push(line(stored, &header, &unpacker)?);
    }
    Ok(lines)
}

/// Hands over the lines that match, from the latest to the earliest, until there is no interest in earlier ones.
pub(super) fn matches(
    chunk: &[u8],
    query: &LogQuery,
    pieces: &[Piece],
    mut found: impl FnMut(Line) -> bool,
) -> Result<(), ChunkError> {
    let body = inflate(chunk)?;
    let (header, mut bytes): (Header<'_>, &[u8]) = postcard::take_from_bytes(&body)?;
    let wanted = Wanted::new(&header, query, pieces);
    let mut met = Vec::new();
    while !bytes.is_empty() {
        let (stored, remaining): (StoredLine<'_>, &[u8]) = postcard::take_from_bytes(bytes)?;
        bytes = remaining;
        if wanted.met_by(&stored, &header)? {
            met.push(stored);
        }
    }
    if met.is_empty() {
        return Ok(());
    }
    let unpacker = Unpacker::new(&header.texts, &header.resources, &header.scopes)?;
    for stored in met.into_iter().rev() {
        if !found(line(stored, &header, &unpacker)?) {
            break;
        }
    }
    Ok(())
}

fn line(stored: StoredLine<'_>, header: &Header<'_>, unpacker: &Unpacker<'_>) -> Result<Line, ChunkError> {
    let at = header.first.wrapping_add(stored.at);
    let trace_id = match stored.trace {
        0 => None,
        place => Some(*header.traces.get(place as usize - 1).ok_or(ChunkError::Dangling)?),
    };
    let record = LogRecord {
        at,
        observed_at: stored.observed.map_or(0, |after| at.wrapping_add_signed(after)),
        severity: stored.severity,
        severity_text: unpacker.text(stored.severity_text)?,
        event_name: unpacker.text(stored.event_name)?,
        body: unpacker.value(&stored.body)?,
        attributes: unpacker.attributes(&postcard::from_bytes(stored.attributes.0)?)?,
        dropped_attributes: stored.dropped_attributes,
        flags: stored.flags,
        trace_id,
        span_id: stored.span_id,
        resource: unpacker.resource(stored.resource)?,
        scope: unpacker.scope(stored.scope)?,
    };
    Ok(Line { record, repeat: stored.repeat })
}

/// A query in the numbers of one chunk: each of its texts is looked at once, however many lines have it.
struct Wanted<'q> {
    query: &'q LogQuery,
    /// For each piece, which texts hold it.
    pieces: Vec<(&'q Piece, Vec<bool>)>,
    /// For each scope, whether its target is asked for.
    scopes: Vec<bool>,
    /// For each field that is asked for, which resources have it.
    resources: Vec<Vec<bool>>,
}

impl<'q> Wanted<'q> {
    fn new(header: &Header<'_>, query: &'q LogQuery, pieces: &'q [Piece]) -> Self {
        let held = |piece: &Piece| header.texts.iter().map(|text| piece.is_in(text)).collect();
        let text = |number: u32| header.texts.get(number as usize).copied().unwrap_or_default();
        let in_scope = |scope: &StoredScope| {
            query.target.as_deref().is_none_or(|target| filter::lies_within(text(scope.name), target))
        };
        let has = |resource: &StoredResource, key: &str, value: &str| {
            resource.attributes.iter().any(|(held, given)| text(*held) == key && is(given, value, header))
        };
        Self {
            query,
            pieces: pieces.iter().map(|piece| (piece, held(piece))).collect(),
            scopes: header.scopes.iter().map(in_scope).collect(),
            resources: query
                .attributes
                .iter()
                .map(|(key, value)| header.resources.iter().map(|one| has(one, key, value)).collect())
                .collect(),
        }
    }

    fn met_by(&self, line: &StoredLine<'_>, header: &Header<'_>) -> Result<bool, ChunkError> {
        let query = self.query;
        let at = header.first.wrapping_add(line.at);
        let trace = (line.trace as usize).checked_sub(1).and_then(|place| header.traces.get(place));
        let event = header.texts.get(line.event_name as usize);
        let met = (query.window.from..query.window.to).contains(&at)
            && line.severity >= query.least_severity
            && query.before.is_none_or(|before| at <= before.at)
            && query.trace.is_none_or(|asked| trace == Some(&asked))
            && query.event_name.as_deref().is_none_or(|asked| event == Some(&asked))
            && self.scopes.get(line.scope as usize) == Some(&true);
        if !met || (self.pieces.is_empty() && query.attributes.is_empty()) {
            return Ok(met);
        }
        let attributes: StoredAttributes = postcard::from_bytes(line.attributes.0)?;
        Ok(self.pieces.iter().all(|(piece, texts)| {
            let holds = |value: &StoredValue| holds(value, piece, texts);
            holds(&line.body) || attributes.iter().any(|(_, value)| holds(value))
        }) && self.attributes_met(line, &attributes, header))
    }

    fn attributes_met(
        &self,
        line: &StoredLine<'_>,
        attributes: &StoredAttributes,
        header: &Header<'_>,
    ) -> bool {
        self.query.attributes.iter().zip(&self.resources).all(|((key, value), resources)| {
            resources.get(line.resource as usize) == Some(&true)
                || attributes.iter().any(|(held, given)| {
                    header.texts.get(*held as usize) == Some(&key.as_str()) && is(given, value, header)
                })
        })
    }
}

/// Whether a value, or one within it, holds a piece.
fn holds(value: &StoredValue, piece: &Piece, texts: &[bool]) -> bool {
    match value {
        StoredValue::Text(number) => texts.get(*number as usize) == Some(&true),
        StoredValue::Array(values) => values.iter().any(|value| holds(value, piece, texts)),
        StoredValue::Map(values) => values.iter().any(|(_, value)| holds(value, piece, texts)),
        StoredValue::Bool(value) => piece.is_in(if *value { "true" } else { "false" }),
        StoredValue::Int(value) => piece.is_in(&value.to_string()),
        StoredValue::Double(value) => piece.is_in(&value.to_string()),
        StoredValue::Empty | StoredValue::Bytes(_) => false,
    }
}

/// Whether a value is just this, compared as text.
fn is(given: &StoredValue, value: &str, header: &Header<'_>) -> bool {
    match given {
        StoredValue::Text(number) => header.texts.get(*number as usize) == Some(&value),
        StoredValue::Bool(given) => value == if *given { "true" } else { "false" },
        StoredValue::Int(given) => value == given.to_string(),
        StoredValue::Double(given) => value == given.to_string(),
        StoredValue::Empty | StoredValue::Bytes(_) | StoredValue::Array(_) | StoredValue::Map(_) => false,
    }
}
