//! What pages show and the API tells: plain structs, and how they are loaded.
//!
//! `web` renders these structs, `api` serialises them, and neither asks a store.

pub(crate) mod acknowledge;
pub(crate) mod alerts;
pub(crate) mod capacity;
pub(crate) mod channels;
pub(crate) mod deploys;
pub(crate) mod errors;
pub(crate) mod fleet;
pub(crate) mod gamedays;
pub(crate) mod health;
pub(crate) mod incidents;
pub(crate) mod load_tests;
pub(crate) mod log_filter;
pub(crate) mod logs;
pub(crate) mod maintenance;
pub(crate) mod now;
pub(crate) mod people;
pub(crate) mod profiles;
pub(crate) mod range;
pub(crate) mod readiness;
pub(crate) mod records;
pub(crate) mod rehearsal;
pub(crate) mod report;
pub(crate) mod runbooks;
pub(crate) mod running;
pub(crate) mod service;
pub(crate) mod slo;
pub(crate) mod slos;
pub(crate) mod templates;
pub(crate) mod trace;
pub(crate) mod traces;
pub(crate) mod training;
pub(crate) mod uptime;

pub(crate) use range::Range;

use seaworthy_telemetry::ReadError;

use crate::problem::Problem;

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Self::internal(error)
    }
}
