//! The tables, as sea-orm sees them. Nothing outside this crate knows them.

pub(crate) mod build;
pub(crate) mod instance;
pub(crate) mod service;
pub(crate) mod team;
