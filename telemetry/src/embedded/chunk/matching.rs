//! Finds the spans of a chunk that a query asks for, without making spans of all of them.

use std::borrow::Cow;

use super::{
    ChunkError,
    stored::{Header, Packed, StoredAttributes, StoredSpan, StoredStatus, StoredTrace, StoredValue},
    unpack::inflate,
};
use crate::model::{TraceId, TraceQuery};

/// A trace with a span that meets every condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::embedded) struct Match {
    pub(in crate::embedded) trace: TraceId,
    /// When the latest of the spans that match began.
    pub(in crate::embedded) start: u64,
}

/// The traces of a chunk, or only this one of them, with a span that meets every condition of the query.
pub(in crate::embedded) fn matches(
    chunk: &[u8],
    query: &TraceQuery,
    only: Option<TraceId>,
) -> Result<Vec<Match>, ChunkError> {
    let body = inflate(chunk)?;
    let (header, mut rest): (Header<'_>, &[u8]) = postcard::take_from_bytes(&body)?;
    let Some(wanted) = Wanted::new(&header, query) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for trace in &header.traces {
        let (bytes, after) = rest.split_at_checked(trace.bytes).ok_or(ChunkError::Dangling)?;
        rest = after;
        if only.is_some_and(|id| id != trace.id) {
            continue;
        }
        if let Some(start) = wanted.latest(trace, bytes)? {
            found.push(Match { trace: trace.id, start });
        }
    }
    Ok(found)
}

/// A query in the numbers of one chunk.
struct Wanted<'q> {
    query: &'q TraceQuery,
    name: Option<u32>,
    /// For each resource, whether it is of the service asked for.
    services: Vec<bool>,
    attributes: Vec<WantedAttribute<'q>>,
}

struct WantedAttribute<'q> {
    key: u32,
    /// The value as a text of the chunk, if it is one.
    text: Option<u32>,
    value: &'q str,
    /// How the attribute is written if its value can be nothing but a text.
    written: Option<Vec<u8>>,
    /// For each resource, whether it has the attribute.
    resources: Vec<bool>,
}

impl<'q> Wanted<'q> {
    /// None if the chunk has not even the texts for it.
    fn new(header: &Header<'_>, query: &'q TraceQuery) -> Option<Self> {
        let number = |text: &str| header.texts.iter().position(|known| *known == text).map(|at| at as u32);
        let name = match &query.operation {
            Some(operation) => Some(number(operation)?),
            None => None,
        };
        let service = match &query.service {
            Some(service) => Some(number(service)?),
            None => None,
        };
        let of_service = |held: u32| service.is_none_or(|asked| asked == held);
        let services = header.resources.iter().map(|resource| of_service(resource.service)).collect();
        let mut attributes = Vec::with_capacity(query.attributes.len());
        for (key, value) in &query.attributes {
            let mut wanted = WantedAttribute::new(number(key)?, number(value), value)?;
            wanted.resources =
                header.resources.iter().map(|resource| wanted.is_in(&resource.attributes)).collect();
            attributes.push(wanted);
        }
        Some(Self { query, name, services, attributes })
    }

    fn latest(&self, trace: &StoredTrace, mut bytes: &[u8]) -> Result<Option<u64>, ChunkError> {
        let mut latest = None;
        while !bytes.is_empty() {
            let (span, remaining): (StoredSpan<'_>, &[u8]) = postcard::take_from_bytes(bytes)?;
            bytes = remaining;
            let start = trace.start.wrapping_add(span.start);
            if self.met_by(&span, start) && self.attributes_met_by(&span)? {
                latest = latest.max(Some(start));
            }
        }
        Ok(latest)
    }

    fn met_by(&self, span: &StoredSpan<'_>, start: u64) -> bool {
        let query = self.query;
        let resource = span.resource as usize;
        (query.window.from..query.window.to).contains(&start)
            && self.name.is_none_or(|name| name == span.name)
            && self.services.get(resource) == Some(&true)
            && query.min_duration.is_none_or(|min| span.duration >= min)
            && query.max_duration.is_none_or(|max| span.duration <= max)
            && (!query.errors_only || matches!(span.status, StoredStatus::Error(_)))
    }

    fn attributes_met_by(&self, span: &StoredSpan<'_>) -> Result<bool, ChunkError> {
        let asked_of_span = |wanted: &&WantedAttribute<'_>| !wanted.is_in_resource(span.resource);
        if !self.attributes.iter().filter(asked_of_span).all(|wanted| wanted.may_be_in(span.attributes)) {
            return Ok(false);
        }
        let mut asked = self.attributes.iter().filter(asked_of_span).peekable();
        if asked.peek().is_none() {
            return Ok(true);
        }
        let attributes: StoredAttributes = postcard::from_bytes(span.attributes.0)?;
        Ok(asked.all(|wanted| wanted.is_in(&attributes)))
    }
}

impl<'q> WantedAttribute<'q> {
    /// None if the chunk has no such value.
    fn new(key: u32, text: Option<u32>, value: &'q str) -> Option<Self> {
        let is_text_only = value.parse::<f64>().is_err() && !["true", "false"].contains(&value);
        let written = match text {
            Some(number) if is_text_only => postcard::to_allocvec(&(key, StoredValue::Text(number))).ok(),
            None if is_text_only => return None,
            _ => None,
        };
        Some(Self { key, text, value, written, resources: Vec::new() })
    }

    fn is_in_resource(&self, resource: u32) -> bool {
        self.resources.get(resource as usize) == Some(&true)
    }

    /// Rules out most attributes by their bytes.
    fn may_be_in(&self, attributes: Packed<'_>) -> bool {
        let Some(written) = &self.written else { return true };
        attributes.0.windows(written.len()).any(|part| part == written)
    }

    fn is_in(&self, attributes: &StoredAttributes) -> bool {
        attributes.iter().any(|(key, value)| *key == self.key && self.is(value))
    }

    fn is(&self, value: &StoredValue) -> bool {
        let text = match value {
            StoredValue::Text(number) => return self.text == Some(*number),
            StoredValue::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            StoredValue::Int(value) => Cow::Owned(value.to_string()),
            StoredValue::Double(value) => Cow::Owned(value.to_string()),
            StoredValue::Empty | StoredValue::Bytes(_) | StoredValue::Array(_) | StoredValue::Map(_) => {
                return false;
            }
        };
        text == self.value
    }
}
