//! The telemetry store of the Seaworthy portal: spans and metric points.
//!
//! [`Telemetry`] is the seam. Whoever writes learns that data is stored only after it is durable; whoever reads
//! gets plain structs. [`model`] holds those structs, [`histogram`] the arithmetic of exponential histograms.

pub mod histogram;
pub mod metric;
pub mod model;
mod store;

pub use store::{AppendError, ReadError, StoreFigures, Telemetry};
