//! What files say: SLOs as OpenSLO, templates, services with their answers, runbooks. SLOs go out again; all of it comes in by
//! a [plan] of what that would change.
//!
//! [`sort`] says which file is what and reads it, whatever the portal has. Then [`slo`], [`template`], [`service`] and
//! [`runbook`] each compare what the files want with what is there, and [`make`] asks the catalog for all of it at once.

pub(crate) mod definition;
pub(crate) mod make;
pub(crate) mod plan;
mod planner;
mod runbook;
mod service;
mod slo;
mod sort;
mod template;
mod yaml;

pub(crate) use plan::{Change, File, Files, Finding, Kind, Plan, What};
pub(crate) use runbook::has_front_matter;
pub(crate) use sort::mistakes;
