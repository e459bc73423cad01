//! A small coffee shop: the sample that Seaworthy watches.
//!
//! Two services, as any user of `seaworthy-agent` would write them. Read them in this order:
//! 1. [`barista`]: a router, a health check, and the three lines that put a service under watch.
//! 2. [`reception`]: the same, with calls to another service and a database that show up in its traces.
//!
//! [`faults`] lets both misbehave on purpose, so that there is something to see.

pub mod barista;
pub mod doors;
pub mod drinks;
pub mod faults;
pub mod reception;

mod command;
mod refusal;
mod watched;

pub use command::Service;
