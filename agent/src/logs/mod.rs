//! Log lines: `tracing` events that the log filter lets through, as OpenTelemetry's log records.

mod batch;
mod filter;
mod format;
mod lines;
mod origin;

pub(crate) use batch::{Batch, Line};
pub(crate) use filter::{LayerFilter, LogFilter};
pub(crate) use format::Format;
pub use format::LogFormat;
pub(crate) use lines::{Lines, now};
pub(crate) use origin::{Origin, begin_line, begin_request, beginning_request, is_of_request, take_line};

/// Where log lines go.
pub(crate) type Sink = crate::sink::Sink<Batch>;
