//! Takes in what machines send: OTLP over HTTP, and check-ins.
//!
//! An answer of success is given only after the data is durable. What cannot be stored is refused with the reason:
//! as a whole with an HTTP status, or in part with OTLP's partial success.

mod attributes;
mod bounds;
mod check_in;
mod format;
mod lenient;
mod logs;
mod metrics;
mod otlp;
mod payload;
mod profiles;
mod rejected;
mod spans;
mod weight;

pub(crate) use check_in::{INTERVAL_SECONDS, check_in};
pub(crate) use otlp::{export_logs, export_metrics, export_traces};
pub(crate) use payload::Intake;
pub(crate) use profiles::upload as upload_profile;
