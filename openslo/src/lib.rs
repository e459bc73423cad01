//! x
#![allow(missing_docs)]
pub mod v1;
