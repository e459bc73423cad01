//! The golden signals of a service, from its series or its spans. Pure.
//!
//! Names and units: OpenTelemetry semantic conventions for HTTP and RPC, today's and the ones before.

mod source;
mod traffic;

pub(crate) use source::{Source, of_spans};
pub(crate) use traffic::{Route, Traffic};
