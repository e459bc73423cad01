//! The portal over real HTTP, in this process.

// clippy.toml allows these in tests, but knows only functions with #[test] for tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account;
mod acknowledging;
mod alerts;
mod capacity;
mod channels;
mod delivery;
#[cfg(target_os = "linux")]
mod demo;
mod deploys;
mod errors;
mod exports;
mod files;
mod fleet_readiness;
mod forms;
mod gamedays;
mod gate;
mod incidents;
mod load_tests;
mod logs;
mod maintenance;
mod my_work;
mod now;
mod pages;
mod people;
mod permissions;
mod portal;
mod problems;
mod profiles;
mod readiness;
mod readiness_history;
mod readiness_pages;
mod receivers;
mod runbooks;
mod serving;
mod set_up;
mod sign_in;
mod slos;
mod templates;
mod tokens;
mod training;
mod uptime;
