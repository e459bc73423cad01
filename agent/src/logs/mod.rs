//! Log lines: `tracing` events that the log filter lets through, as OpenTelemetry's log records.

mod batch;
mod filter;
mod lines;
mod origin;

pub(crate) use batch::{Batch, Line};
pub(crate) use filter::{LayerFilter, LogFilter};
pub(crate) use lines::{Lines, now};
pub(crate) use origin::{Origin, begin_request, beginning_request};

/// Where log lines go.
pub(crate) type Sink = crate::sink::Sink<Batch>;
