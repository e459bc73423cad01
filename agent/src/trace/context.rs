//! What identifies a span across processes.

use std::sync::Arc;

use super::{SpanId, TraceId};

/// What identifies a span across processes: what `traceparent` and `tracestate` carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanContext {
    /// The trace that the span belongs to.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// W3C trace flags.
    pub flags: TraceFlags,
    /// W3C `tracestate`, passed on as it came.
    pub trace_state: TraceState,
}

impl SpanContext {
    /// Whether the span is recorded.
    pub fn is_sampled(&self) -> bool {
        self.flags.is_sampled()
    }
}

/// W3C trace flags. Those that level 2 does not define are not passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TraceFlags(u8);

impl TraceFlags {
    const SAMPLED: u8 = 0b01;
    const RANDOM: u8 = 0b10;

    /// The flags in this byte that W3C Trace Context level 2 defines.
    pub const fn from_byte(byte: u8) -> Self {
        Self(byte & (Self::SAMPLED | Self::RANDOM))
    }

    /// As a byte.
    pub const fn to_byte(self) -> u8 {
        self.0
    }

    /// Whether the span is recorded.
    pub const fn is_sampled(self) -> bool {
        self.0 & Self::SAMPLED != 0
    }

    /// The same flags, sampled or not.
    #[must_use]
    pub const fn with_sampled(self, sampled: bool) -> Self {
        Self(self.0 & !Self::SAMPLED | sampled as u8)
    }
}

/// W3C `tracestate`: the list members of every header line, joined as one line. Empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceState(Option<Arc<str>>);

impl TraceState {
    pub(crate) fn new(members: &str) -> Self {
        Self((!members.is_empty()).then(|| members.into()))
    }

    /// As the header is written.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}
