//! Traces: spans made with the `tracing` crate, recorded as OpenTelemetry defines them.
//!
//! A `tracing` span becomes an OTLP span, its fields become attributes, and the events inside it become span events; an
//! event of level `ERROR` becomes an `exception` and marks the span as failed. Fields with these names mean something
//! else:
//!
//! | field | meaning |
//! |---|---|
//! | `otel.name` | name of the span, where it is not a constant |
//! | `otel.kind` | `server`, `client`, `producer`, `consumer` or `internal` (the default) |
//! | `otel.status_code` | `ok` or `error` |
//! | `otel.status_message` | why it failed (`otel.status_description` is the same) |

pub(crate) mod batch;
mod beginning;
mod clock;
mod context;
mod current;
mod event;
pub(crate) mod fields;
mod filter;
pub(crate) mod ids;
mod layer;
mod limits;
pub(crate) mod open;
mod opened;
pub(crate) mod pool;
pub mod propagation;
pub(crate) mod quiet;
pub(crate) mod record;
mod recorder;
mod remote;
mod sampler;
mod shown;
pub(crate) mod text;

pub(crate) use batch::{Batch, Span as SpanOfBatch};
pub(crate) use beginning::{Beginning, begin_request};
pub use context::{SpanContext, TraceFlags, TraceState};
pub use current::{context_of, current, end};
pub(crate) use current::{context_of_ref, current_known, end_with, origin, origin_of};
pub(crate) use filter::Filter;
pub use ids::{SpanId, TraceId};
pub use layer::TracingLayer;
pub(crate) use limits::Limits;
pub(crate) use recorder::{Recorder, request_of};
pub use remote::with_remote_parent;
pub(crate) use sampler::{Ratio, Sampler};
pub(crate) use shown::look_at_fields;
/// Where ended spans go.
pub(crate) type Sink = crate::sink::Sink<Batch>;
