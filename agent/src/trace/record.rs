//! An open span: what is known of it so far.

use tracing::Metadata;

use super::{SpanContext, SpanId, TraceId, TraceState, limits::Limits, open::Card, text::Text};
use crate::now::Entry;

/// A span that is being recorded, or the fields on their way into one. Its buffers are used again for later spans.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) head: Head,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) events: Vec<Event>,
    /// Attributes of all events, one event after the other.
    pub(crate) event_attributes: Vec<Attribute>,
    pub(crate) links: Vec<SpanContext>,
    /// Every text of the span, referred to by [`Text`].
    pub(crate) texts: String,
    /// Where it can be seen that the span is open. Made for the first span of the record.
    pub(crate) card: Option<Entry<Card>>,
}

/// What the fields of a span say besides its attributes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Head {
    /// `otel.name`.
    pub(crate) name: Option<Text>,
    pub(crate) kind: Kind,
    pub(crate) status: Status,
    pub(crate) status_message: Option<Text>,
    pub(crate) dropped_attributes: u32,
    pub(crate) dropped_events: u32,
    pub(crate) dropped_links: u32,
}

/// Where a span belongs and when it ran.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent: Option<SpanId>,
    pub(crate) trace_state: TraceState,
    /// OTLP's flags of a span.
    pub(crate) flags: u32,
    pub(crate) metadata: &'static Metadata<'static>,
    /// Nanoseconds since the Unix epoch.
    pub(crate) start: u64,
    /// Nanoseconds since the Unix epoch.
    pub(crate) end: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    pub(crate) key: &'static str,
    pub(crate) value: Value,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Bool(bool),
    Int(i64),
    /// Larger than OTLP's integers; sent as a text.
    Unsigned(u64),
    Double(f64),
    Text(Text),
    /// As the field is formatted, by `Debug` or `Display`.
    Formatted(Text),
}

impl Value {
    pub(crate) fn text(self) -> Option<Text> {
        match self {
            Self::Text(text) | Self::Formatted(text) => Some(text),
            _ => None,
        }
    }
}

/// A `tracing` event inside a span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// Nanoseconds since the Unix epoch.
    pub(crate) at: u64,
    pub(crate) name: EventName,
    pub(crate) metadata: &'static Metadata<'static>,
    /// How many of the event attributes are its own.
    pub(crate) attributes: u32,
    pub(crate) dropped_attributes: u32,
}

/// What an event is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EventName {
    /// As its callsite is named.
    Callsite,
    /// As its message says.
    Message(Text),
    /// `exception`, as OpenTelemetry calls what went wrong.
    Exception,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

impl Kind {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let kinds = [Self::Internal, Self::Server, Self::Client, Self::Producer, Self::Consumer];
        let names = ["internal", "server", "client", "producer", "consumer"];
        names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|at| kinds[at])
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    #[default]
    Unset,
    Ok,
    Error,
}

impl Status {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        if is("ok") {
            Some(Self::Ok)
        } else if is("error") {
            Some(Self::Error)
        } else {
            None
        }
    }
}

impl Record {
    /// Sets an attribute. A field that is recorded again replaces its earlier value, as OpenTelemetry wants it.
    pub(crate) fn set(&mut self, attribute: Attribute, limit: usize) {
        match self.attributes.iter_mut().find(|own| own.key == attribute.key) {
            Some(own) => *own = attribute,
            None => self.push(attribute, limit),
        }
    }

    /// Adds an attribute that is not there yet.
    #[inline]
    pub(crate) fn push(&mut self, attribute: Attribute, limit: usize) {
        if self.attributes.len() < limit {
            self.attributes.push(attribute);
        } else {
            self.head.dropped_attributes += 1;
        }
    }

    /// Takes over what was recorded later, gathered in a record of its own.
    pub(crate) fn absorb_fields(&mut self, later: &Record, limits: &Limits) {
        let mut texts = Texts { from: &later.texts, to: &mut self.texts };
        let head = &mut self.head;
        head.dropped_attributes += later.head.dropped_attributes;
        if let Some(name) = later.head.name {
            head.name = texts.copy(name, limits);
        }
        if later.head.kind != Kind::default() {
            head.kind = later.head.kind;
        }
        if later.head.status != Status::Unset {
            head.status = later.head.status;
        }
        if let Some(message) = later.head.status_message {
            head.status_message = texts.copy(message, limits);
        }
        for attribute in &later.attributes {
            match (Texts { from: &later.texts, to: &mut self.texts }).copy_attribute(*attribute, limits) {
                Some(attribute) => self.set(attribute, limits.attributes),
                // No value is better than one of before.
                None => {
                    self.attributes.retain(|own| own.key != attribute.key);
                    self.head.dropped_attributes += 1;
                }
            }
        }
    }

    /// Takes over an event, its fields gathered in a record of its own.
    pub(crate) fn absorb_event(&mut self, mut event: Event, fields: &Record, limits: &Limits) {
        if self.events.len() >= limits.events {
            self.head.dropped_events += 1;
            return;
        }
        let mut texts = Texts { from: &fields.texts, to: &mut self.texts };
        if let EventName::Message(name) = event.name {
            event.name = texts.copy(name, limits).map_or(EventName::Callsite, EventName::Message);
        }
        event.dropped_attributes = fields.head.dropped_attributes;
        for attribute in &fields.attributes {
            match texts.copy_attribute(*attribute, limits) {
                Some(attribute) => {
                    self.event_attributes.push(attribute);
                    event.attributes += 1;
                }
                None => event.dropped_attributes += 1,
            }
        }
        self.events.push(event);
    }

    /// Marks the span as failed, unless it says itself how it ended.
    pub(crate) fn fail(&mut self, why: Option<&str>, limits: &Limits) {
        if self.head.status == Status::Unset {
            self.head.status = Status::Error;
            self.head.status_message = why.and_then(|why| Text::write(&mut self.texts, limits, why));
        }
    }

    /// Refers to another span.
    pub(crate) fn link(&mut self, to: SpanContext, limits: &Limits) {
        if self.links.len() < limits.links {
            self.links.push(to);
        } else {
            self.head.dropped_links += 1;
        }
    }

    /// Forgets everything but keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.head = Head::default();
        self.attributes.clear();
        self.events.clear();
        self.event_attributes.clear();
        self.links.clear();
        self.texts.clear();
    }
}

/// Copies texts from one record to another.
struct Texts<'a> {
    from: &'a str,
    to: &'a mut String,
}

impl Texts<'_> {
    fn copy(&mut self, text: Text, limits: &Limits) -> Option<Text> {
        Text::write(self.to, limits, text.of(self.from))
    }

    fn copy_attribute(&mut self, attribute: Attribute, limits: &Limits) -> Option<Attribute> {
        let value = match attribute.value {
            Value::Text(text) => Value::Text(self.copy(text, limits)?),
            Value::Formatted(text) => Value::Formatted(self.copy(text, limits)?),
            plain => plain,
        };
        Some(Attribute { key: attribute.key, value })
    }
}
