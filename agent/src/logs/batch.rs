//! Log lines on their way to the worker.

use std::{cell::RefCell, thread::LocalKey};

use seaworthy_protocol::Signal;
use tracing::Metadata;

use super::Origin;
use crate::{
    sink::{Gathered, Own},
    trace::{
        batch::{take, take_text},
        record::{Attribute, Record},
    },
};

thread_local! {
    static OWN: Own<Batch> = const { RefCell::new(Vec::new()) };
}

/// What a line is, besides its fields.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Nanoseconds since the Unix epoch.
    pub(crate) at: u64,
    pub(crate) metadata: &'static Metadata<'static>,
    pub(crate) origin: Origin,
}

/// Log lines, column by column, as [spans](crate::trace::Batch) are.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    lines: Vec<Row>,
    attributes: Vec<Attribute>,
    texts: String,
}

#[derive(Debug)]
struct Row {
    place: Place,
    dropped_attributes: u32,
    attributes: u32,
    texts: u32,
}

/// One line of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) place: &'a Place,
    /// The message among them.
    pub(crate) attributes: &'a [Attribute],
    pub(crate) dropped_attributes: u32,
    pub(crate) texts: &'a str,
}

impl Gathered for Batch {
    const SIGNAL: Signal = Signal::Logs;
    type Place = Place;

    fn push(&mut self, place: Place, record: &Record) {
        self.lines.push(Row {
            place,
            dropped_attributes: record.head.dropped_attributes,
            attributes: record.attributes.len() as u32,
            texts: record.texts.len() as u32,
        });
        self.attributes.extend_from_slice(&record.attributes);
        self.texts.push_str(&record.texts);
    }

    fn len(&self) -> usize {
        self.lines.len()
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.lines) + size_of_val(&*self.attributes) + self.texts.len()
    }

    fn with_capacity_of(like: &Self) -> Self {
        Self {
            lines: Vec::with_capacity(like.lines.len()),
            attributes: Vec::with_capacity(like.attributes.len()),
            texts: String::with_capacity(like.texts.len()),
        }
    }

    fn clear(&mut self) {
        let Self { lines, attributes, texts } = self;
        lines.clear();
        attributes.clear();
        texts.clear();
    }

    fn own() -> &'static LocalKey<Own<Self>> {
        &OWN
    }
}

impl Batch {
    /// Its lines, in the order in which they were written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Line<'_>> {
        let mut attributes = &self.attributes[..];
        let mut texts = &self.texts[..];
        self.lines.iter().map(move |row| Line {
            place: &row.place,
            attributes: take(&mut attributes, row.attributes),
            dropped_attributes: row.dropped_attributes,
            texts: take_text(&mut texts, row.texts),
        })
    }
}
