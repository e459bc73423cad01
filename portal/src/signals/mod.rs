//! The golden signals of a service, from its series or its spans. Pure.
//!
//! Names and units: OpenTelemetry semantic conventions for HTTP and RPC, today's and the ones before.

mod source;
mod traffic;

pub(crate) use source::{Source, failed_without_answer, of_spans, status, tells_outcome};
pub(crate) use traffic::{Route, Traffic};
