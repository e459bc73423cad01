//! x
#![allow(missing_docs)]
pub mod v1;
mod yaml;
pub use yaml::{MAX_FILE_BYTES, Problem, to_yaml};
