//! Ended spans on their way to the worker.

use std::{cell::RefCell, thread::LocalKey};

use seaworthy_protocol::Signal;

use super::{
    SpanContext,
    record::{Attribute, Event, Head, Place, Record},
};
use crate::sink::{Gathered, Own};

thread_local! {
    static OWN: Own<Batch> = const { RefCell::new(Vec::new()) };
}

/// Ended spans, column by column: a few large buffers instead of several small ones for each span.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    spans: Vec<Row>,
    attributes: Vec<Attribute>,
    events: Vec<Event>,
    event_attributes: Vec<Attribute>,
    links: Vec<SpanContext>,
    texts: String,
}

/// One span, and how much of each column is its own.
#[derive(Debug)]
struct Row {
    place: Place,
    head: Head,
    attributes: u32,
    events: u32,
    event_attributes: u32,
    links: u32,
    texts: u32,
}

/// One span of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span<'a> {
    pub(crate) place: &'a Place,
    pub(crate) head: &'a Head,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) events: &'a [Event],
    pub(crate) event_attributes: &'a [Attribute],
    pub(crate) links: &'a [SpanContext],
    pub(crate) texts: &'a str,
}

impl Gathered for Batch {
    const SIGNAL: Signal = Signal::Spans;
    type Place = Place;

    fn with_capacity_of(like: &Self) -> Self {
        Self {
            spans: Vec::with_capacity(like.spans.len()),
            attributes: Vec::with_capacity(like.attributes.len()),
            events: Vec::with_capacity(like.events.len()),
            event_attributes: Vec::with_capacity(like.event_attributes.len()),
            links: Vec::new(),
            texts: String::with_capacity(like.texts.len()),
        }
    }

    fn clear(&mut self) {
        let Self { spans, attributes, events, event_attributes, links, texts } = self;
        spans.clear();
        attributes.clear();
        events.clear();
        event_attributes.clear();
        links.clear();
        texts.clear();
    }

    /// Adds an ended span. Its record may be cleared and used again.
    fn push(&mut self, place: Place, record: &Record) {
        self.spans.push(Row {
            place,
            head: record.head,
            attributes: record.attributes.len() as u32,
            events: record.events.len() as u32,
            event_attributes: record.event_attributes.len() as u32,
            links: record.links.len() as u32,
            texts: record.texts.len() as u32,
        });
        self.attributes.extend_from_slice(&record.attributes);
        self.events.extend_from_slice(&record.events);
        self.event_attributes.extend_from_slice(&record.event_attributes);
        self.links.extend_from_slice(&record.links);
        self.texts.push_str(&record.texts);
    }

    fn len(&self) -> usize {
        self.spans.len()
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.spans)
            + size_of_val(&*self.attributes)
            + size_of_val(&*self.events)
            + size_of_val(&*self.event_attributes)
            + size_of_val(&*self.links)
            + self.texts.len()
    }

    fn own() -> &'static LocalKey<Own<Self>> {
        &OWN
    }
}

impl Batch {
    /// Its spans, in the order in which they ended.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Span<'_>> {
        let mut attributes = &self.attributes[..];
        let mut events = &self.events[..];
        let mut event_attributes = &self.event_attributes[..];
        let mut links = &self.links[..];
        let mut texts = &self.texts[..];
        self.spans.iter().map(move |row| Span {
            place: &row.place,
            head: &row.head,
            attributes: take(&mut attributes, row.attributes),
            events: take(&mut events, row.events),
            event_attributes: take(&mut event_attributes, row.event_attributes),
            links: take(&mut links, row.links),
            texts: take_text(&mut texts, row.texts),
        })
    }
}

pub(crate) fn take<'a, T>(column: &mut &'a [T], count: u32) -> &'a [T] {
    let (own, rest) = column.split_at_checked(count as usize).unwrap_or((column, &[]));
    *column = rest;
    own
}

pub(crate) fn take_text<'a>(column: &mut &'a str, bytes: u32) -> &'a str {
    let (own, rest) = column.split_at_checked(bytes as usize).unwrap_or((column, ""));
    *column = rest;
    own
}
