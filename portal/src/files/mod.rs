//! SLOs as files of OpenSLO: out, and in again by a [plan](plan) of what that would change.

pub(crate) mod definition;
pub(crate) mod make;
pub(crate) mod plan;

pub(crate) use plan::{Change, File, Files, Finding, Plan, What};
