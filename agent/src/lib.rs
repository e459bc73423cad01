//! Embedded in a Rust service: shows what the process really does, and tells a Seaworthy portal.
//!
//! One call in `main` is enough. It installs a `tracing` subscriber if there is none, starts one background thread,
//! and returns a guard that flushes when it is dropped:
//!
//! ```no_run
//! # fn main() -> Result<(), seaworthy_agent::StartError> {
//! let agent = seaworthy_agent::Agent::builder("reception").version("1.8.2").start()?;
//! tracing::info_span!("open the doors").in_scope(|| tracing::info!("good morning"));
//! # Ok(()) }
//! ```
//!
//! The agent is a guest: it never panics, never blocks its host, and never allocates without bound. What it must drop
//! it counts by reason ([`Handle::losses`]) and reports.

pub mod admin;
pub mod drain;
pub mod health;
pub mod heap;
pub mod http;
pub mod metrics;
pub mod tasks;
pub mod trace;

mod agent;
mod aside;
mod builder;
mod check_in;
mod commands;
mod cpu;
mod error;
mod errors;
mod export;
mod figures;
mod identity;
mod length;
mod logs;
mod losses;
mod mask;
mod now;
mod observed;
mod pprof;
mod profiles;
mod settings;
mod shared;
mod sink;
mod subscriber;
mod threads;
mod worker;

pub use agent::{Agent, Handle};
pub use builder::Builder;
pub use error::StartError;
pub use errors::capture;
pub use figures::right_size::{runtime, worker_threads};
pub use logs::LogFormat;
pub use tasks::{spawn, spawn_named};

/// The examples of the guides compile.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../README.md")]
    struct Agent;
    #[doc = include_str!("../../README.md")]
    struct Whole;
}
