//! The telemetry store of the Seaworthy portal: spans, metric points and log records.
//!
//! [`Telemetry`] is the seam. Whoever writes learns that data is stored only after it is durable; whoever reads
//! gets plain structs. [`model`], [`metric`], [`log`] and [`observed`] hold those structs, [`histogram`] the arithmetic of histograms.
//! [`EmbeddedStore`] keeps everything in SQLite files of one folder.

mod embedded;
pub mod histogram;
pub mod log;
pub mod metric;
pub mod model;
pub mod observed;
pub mod profile;
mod store;

pub use embedded::{EmbeddedSettings, EmbeddedStore, OpenError};
pub use store::{AppendError, ReadError, StoreFigures, Telemetry};
