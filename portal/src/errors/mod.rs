//! Errors that services tell of: which are alike, and where they come from. Pure.
//!
//! An error is a log record that tells of an exception, as OpenTelemetry's semantic conventions have it, or an event of a
//! span that does. What makes two of them alike is their [fingerprint](fingerprint::fingerprint).

pub(crate) mod fingerprint;
pub(crate) mod frames;
mod mask;
mod seen;

pub(crate) use seen::{GROUP, Noted, note_groups, of_spans};
