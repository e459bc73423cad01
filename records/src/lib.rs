//! What people record in Seaworthy, and what follows from it. Pure: no I/O, and the clock is passed in.
//!
//! - A [`Body`] is what a record holds: [`Runbook`], [`Run`], [`Gameday`], [`LoadTest`], [`Incident`], [`Rota`]. Each is read
//!   with unknown fields refused, and tells everything that is wrong with it by field.
//! - [`markdown`] shows what people wrote, and finds the steps of a runbook.
//! - [`import`] reads what k6, oha, vegeta, wrk and the Chaos Toolkit write.
//! - A [`Diff`] shows what changed between two versions of a text.
//! - A [`Trend`] tells when a resource will be used up, as a range.

mod body;
mod capacity;
mod diff;
pub mod import;
pub mod markdown;
mod mistake;

pub use body::{
    ActionItem, Body, Context, DetectedBy, Entry, Gameday, HandOver, Incident, LoadTest, MAX_BODY_BYTES,
    Rota, Run, RunStep, Runbook, Scenario, Severity, Stage, State, Ticket, Training, Verdict, Within,
};
pub use capacity::{NoTrend, RunsOut, Trend};
pub use diff::{Change, Diff, Hunk, Line};
pub use mistake::Mistake;
