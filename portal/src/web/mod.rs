//! Pages: each renders a view of [`crate::view`] and never asks a store.
//!
//! Everything is readable without JavaScript; what scripts add stands in `portal/assets`. [`layout`] is what stands
//! around every page, the modules after it are what pages are made of, and then come the pages themselves.

pub(crate) mod assets;
mod chart;
mod crumbs;
pub(crate) mod deploys;
pub(crate) mod format;
pub(crate) mod icon;
pub(crate) mod layout;
pub(crate) mod link;
pub(crate) mod maintenance;
pub(crate) mod nav;
mod preferences;
pub(crate) mod readiness;
pub(crate) mod records;
pub(crate) mod report;
mod status;
mod table;
pub(crate) mod time;

pub(crate) mod acknowledge;
pub(crate) mod alerts;
pub(crate) mod capacity;
pub(crate) mod channels;
pub(crate) mod errors;
pub(crate) mod field;
mod first_run;
pub(crate) mod fleet;
pub(crate) mod gamedays;
pub(crate) mod incidents;
pub(crate) mod load_tests;
pub(crate) mod logs;
pub(crate) mod profiles;
pub(crate) mod runbooks;
pub(crate) mod search;
pub(crate) mod service;
pub(crate) mod slo;
pub(crate) mod slos;
pub(crate) mod templates;
pub(crate) mod trace;
pub(crate) mod traces;
pub(crate) mod training;

pub(crate) use preferences::Preferences;
