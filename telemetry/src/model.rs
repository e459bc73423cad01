//! Spans and traces, as OpenTelemetry defines them, in the form in which they are stored and shown.

use std::{borrow::Cow, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::histogram::ExponentialHistogram;

/// Nanoseconds since the Unix epoch, UTC.
pub type UnixNanos = u64;

/// Identifies a trace: 16 bytes, not all zero; written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TraceId(pub [u8; 16]);

/// Identifies a span within its trace: 8 bytes, not all zero; written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SpanId(pub [u8; 8]);

/// A text that is not the hexadecimal form of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is {digits} hexadecimal digits, not all of them zero")]
pub struct InvalidId {
    digits: usize,
}

macro_rules! hexadecimal_id {
    ($name:ident, $bytes:literal) => {
        impl $name {
            /// The id in these bytes, unless they are of the wrong number or all zero.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                let bytes: [u8; $bytes] = bytes.try_into().ok()?;
                (bytes != [0; $bytes]).then_some(Self(bytes))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let mut bytes = [0; $bytes];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidId { digits: 2 * $bytes })?;
                Self::from_slice(&bytes).ok_or(InvalidId { digits: 2 * $bytes })
            }
        }
    };
}
hexadecimal_id!(TraceId, 16);
hexadecimal_id!(SpanId, 8);

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// An OTLP value without content.
    Empty,
    /// A text.
    String(String),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Values in order.
    Array(Vec<Value>),
    /// Values by name, in order of arrival.
    Map(Attributes),
}

impl Value {
    /// The text by which searches compare it and pages show it; none for what has no single line of text.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::String(text) => Some(Cow::Borrowed(text)),
            Self::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Self::Int(value) => Some(Cow::Owned(value.to_string())),
            Self::Double(value) => Some(Cow::Owned(value.to_string())),
            Self::Empty | Self::Bytes(_) | Self::Array(_) | Self::Map(_) => None,
        }
    }
}

/// Attributes in the order in which they arrived.
pub type Attributes = Vec<(String, Value)>;

/// The text of a text attribute, if there is one by this name.
pub fn text_attribute<'a>(attributes: &'a [(String, Value)], name: &str) -> Option<&'a str> {
    attributes.iter().find_map(|(key, value)| match value {
        Value::String(text) if key == name => Some(text.as_str()),
        _ => None,
    })
}

/// Who sent: an OTLP resource. Spans of one request share it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// `service.name`; `unknown_service` where the sender gives none.
    pub service: String,
    /// `service.instance.id`, empty where the sender gives none.
    pub instance: String,
    /// All attributes of the resource, those two included.
    pub attributes: Attributes,
}

/// The instrumentation scope: which library made the span.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// Name of the library.
    pub name: String,
    /// Version of the library.
    pub version: String,
    /// Attributes of the scope.
    pub attributes: Attributes,
}

/// The role of a span in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpanKind {
    /// The sender did not say.
    #[default]
    Unspecified,
    /// Work inside a service.
    Internal,
    /// The receiving side of a request.
    Server,
    /// The asking side of a request.
    Client,
    /// Handing over a message.
    Producer,
    /// Working on a message.
    Consumer,
}

/// How a span ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum SpanStatus {
    /// The sender did not say.
    #[default]
    Unset,
    /// The sender says that all is well.
    Ok,
    /// It failed.
    Error(String),
}

/// Something that happened during a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: UnixNanos,
    /// What.
    pub name: String,
    /// Details.
    pub attributes: Attributes,
    /// Attributes that the sender dropped.
    pub dropped_attributes: u32,
}

/// A reference to a span of this or another trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The other trace.
    pub trace_id: TraceId,
    /// The span in it.
    pub span_id: SpanId,
    /// W3C `tracestate` of the link.
    pub trace_state: String,
    /// Details.
    pub attributes: Attributes,
}

/// One span, with nothing of what its sender said lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace that it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The span that caused it; none for a root.
    pub parent: Option<SpanId>,
    /// W3C `tracestate`.
    pub trace_state: String,
    /// W3C and OTLP flags.
    pub flags: u32,
    /// What it does, of low cardinality: `POST /orders`.
    pub name: String,
    /// Its role.
    pub kind: SpanKind,
    /// When it began.
    pub start: UnixNanos,
    /// When it ended. Never before `start`: a sender whose clock stepped back has it clamped on the way in.
    pub end: UnixNanos,
    /// How it ended.
    pub status: SpanStatus,
    /// Details.
    pub attributes: Attributes,
    /// What happened during it, in order of time.
    pub events: Vec<Event>,
    /// What it refers to.
    pub links: Vec<Link>,
    /// Attributes that the sender dropped.
    pub dropped_attributes: u32,
    /// Events that the sender dropped.
    pub dropped_events: u32,
    /// Links that the sender dropped.
    pub dropped_links: u32,
    /// Who sent it.
    pub resource: Arc<Resource>,
    /// Which library made it.
    pub scope: Arc<Scope>,
}

impl Span {
    /// Nanoseconds from start to end.
    pub fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it failed.
    pub fn is_error(&self) -> bool {
        matches!(self.status, SpanStatus::Error(_))
    }
}

/// From `from` (inclusive) to `to` (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First nanosecond of it.
    pub from: UnixNanos,
    /// First nanosecond after it.
    pub to: UnixNanos,
}

/// Asks for traces. Every condition that is given must be met by **one and the same span**, save `window`, in which
/// that span must have started.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceQuery {
    /// The time in which the span started.
    pub window: Window,
    /// `service.name` of the span.
    pub service: Option<String>,
    /// Name of the span, exactly.
    pub operation: Option<String>,
    /// Shortest duration in nanoseconds.
    pub min_duration: Option<u64>,
    /// Longest duration in nanoseconds.
    pub max_duration: Option<u64>,
    /// Only spans that failed.
    pub errors_only: bool,
    /// Attributes (of the span or of its resource) that must be there with just this value, compared as text.
    pub attributes: Vec<(String, String)>,
    /// At most so many traces.
    pub limit: usize,
}

/// One line in a list of traces: what is known of the whole trace.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSummary {
    /// The trace.
    pub trace_id: TraceId,
    /// Name of its root, or of its earliest span while the root has not come.
    pub name: String,
    /// Service of that span.
    pub service: String,
    /// Start of the earliest span.
    pub start: UnixNanos,
    /// Nanoseconds from the earliest start to the latest end.
    pub duration: u64,
    /// How many spans.
    pub spans: usize,
    /// How many of them failed.
    pub errors: usize,
    /// Every service in it with its number of spans, most first.
    pub services: Vec<(String, usize)>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TracesFound {
    /// The traces, latest first.
    pub traces: Vec<TraceSummary>,
    /// Whether the search ended for lack of time, so that older traces may match as well.
    pub incomplete: bool,
    /// Whether something that might have matched is damaged on disk and was passed over.
    pub unreadable: bool,
}

/// The spans of a trace, as many as are read at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceFound {
    /// Its spans, each once, in order of start; none of a trace that is not known.
    pub spans: Vec<Span>,
    /// About how many more there are: a trace of this size is read only in part.
    pub left_out: usize,
    /// About how many cannot be read, because they are damaged on disk.
    pub unreadable: usize,
}

/// Requests, errors and durations of a service as its server and consumer spans tell, minute by minute. For services
/// that send traces and no metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanMinute {
    /// First nanosecond of the minute.
    pub minute: UnixNanos,
    /// Requests.
    pub requests: u64,
    /// Of them, failed.
    pub errors: u64,
    /// How long they took, in seconds.
    pub durations: ExponentialHistogram,
}
