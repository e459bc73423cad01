//! Traces: spans made with the `tracing` crate, recorded as OpenTelemetry defines them.
//!
//! A `tracing` span becomes an OTLP span, its fields become attributes, and the events inside it become span events.
//! Fields with these names mean something else:
//!
//! | field | meaning |
//! |---|---|
//! | `otel.name` | name of the span, where it is not a constant |
//! | `otel.kind` | `server`, `client`, `producer`, `consumer` or `internal` (the default) |
//! | `otel.status_code` | `ok` or `error` |
//! | `otel.status_message` | why it failed (`otel.status_description` is the same) |

mod context;
mod ids;
mod remote;

pub use context::{SpanContext, TraceFlags, TraceState};
pub use ids::{SpanId, TraceId};
pub use remote::with_remote_parent;
