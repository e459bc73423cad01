//! [OpenSLO](https://openslo.com) in and out of Seaworthy, and Prometheus rules out. Pure: it reads no file, no clock and no
//! network.
//!
//! - [`import()`] reads files of OpenSLO v1: every object as it stands ([`v1`]), and every SLO as a [`Definition`] with what
//!   Seaworthy evaluates of it. What is wrong is refused with file, line and field; what is kept, but not evaluated, is a
//!   warning.
//! - [`to_yaml`] writes objects so that they are read back the same.
//! - [`to_prometheus`] writes recording and alerting rules, so that Prometheus alerts when Seaworthy does; [`prometheus`]
//!   says where they differ.

mod definition;
mod import;
pub mod prometheus;
pub mod v1;
mod yaml;

pub use definition::Definition;
pub use import::{Import, Refused, Source, import};
pub use prometheus::{Histograms, to_prometheus};
pub use yaml::{MAX_FILE_BYTES, Problem, to_yaml};
