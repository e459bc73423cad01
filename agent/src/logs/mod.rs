//! Log lines: `tracing` events that the log filter lets through, as OpenTelemetry's log records.

mod batch;
mod filter;
mod format;
mod layer_filter;
mod lines;
mod origin;
mod writer;

pub(crate) use batch::{Batch, Line};
pub(crate) use filter::LogFilter;
pub(crate) use format::Format;
pub use format::LogFormat;
pub(crate) use layer_filter::LayerFilter;
pub(crate) use lines::{Lines, now};
pub(crate) use origin::Origin;
pub(crate) use writer::{Writer, stderr};

/// Where log lines go.
pub(crate) type Sink = crate::sink::Sink<Batch>;
