//! Metrics: one set of instruments that feeds both OTLP and `/metrics`.
//!
//! A [`Metric`] has series; a series is held as a handle ([`Counter`], [`UpDownCounter`], [`Gauge`],
//! [`Histogram`]) and recorded with.

mod attributes;
mod distribution;
mod exponential;
mod exposition;
mod family;
mod handle;
mod histogram;
mod instrument;
mod names;
mod registry;
#[cfg(test)]
mod tests;
mod to_otlp;

pub use attributes::{AttributeValue, Attributes};
pub use family::Metric;
pub use histogram::Histogram;
pub use instrument::{Counter, Gauge, Instrument, Temporality, UpDownCounter};

pub(crate) use exposition::CONTENT_TYPE;
pub(crate) use registry::{DEFAULT_SERIES_LIMIT, Registry};
