//! A guest's manners: whatever the host and the machine are like, the agent does no harm and goes on.
//!
//! Some of them are shown elsewhere: hosts of every kind and several agents in `life`, portals that hang, refuse, stumble or
//! come late in `delivery`, checks that panic in `src/health/tests.rs`, 100,000 tasks in `src/tasks/tests/many.rs`.

#[cfg(target_os = "linux")]
mod abort;
#[cfg(target_os = "linux")]
mod clock;
mod nonsense;
#[cfg(target_os = "linux")]
mod one_core;
mod routes;
#[cfg(target_os = "linux")]
mod rustc;
