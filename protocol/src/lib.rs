//! What a Seaworthy agent and a Seaworthy portal say to each other.
//!
//! Telemetry travels as plain OTLP. The [`CheckIn`] is the only message of our own: every few seconds an
//! agent tells the portal about its instance, and the [`CheckInReply`] says when to come again.
//!
//! Both sides ignore fields they do not know, and every field that was added after the first release has a
//! default, so agents and portals of different versions understand each other.

mod check_in;
mod commands;
mod health;
mod now;
mod observations;
pub mod pprof;

pub use check_in::{
    Build, CheckIn, CheckInReply, DrainReport, Figures, InstanceState, Loss, LossReason, Process, Signal,
    Throttling,
};
pub use commands::{Command, CommandReport, Order, ProfileKind, ReportedState};
pub use health::{Check, CheckResult, Health, HealthStatus};
pub use now::{Now, Oldest, OpenConnection, OpenRequest, OpenSpan};
pub use observations::{AdminAccess, LogFilter, Observations, Probes};

/// Where agents `POST` a [`CheckIn`] as JSON, relative to the portal's base URL.
pub const CHECK_IN_PATH: &str = "/api/v1/check-in";

/// Where agents `POST` profiles as `profile.proto`, compressed by gzip; relative to the portal's base URL. What the profile is,
/// is said in the query: `service`, `instance`, `version`, `commit`, `environment`, `kind`, `taken_at` (RFC 3339), `seconds` and, where it was
/// asked for, the `command`.
pub const PROFILES_PATH: &str = "/api/v1/profiles";
