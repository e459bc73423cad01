//! Every test of the catalog, on SQLite and on PostgreSQL.

// clippy.toml allows these in tests, but knows only functions with #[test] for tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod alerts;
mod answers;
mod applying;
mod assessments;
mod assignments;
mod channel_tests;
mod channels;
mod check_ins;
mod commands;
mod comments;
mod database;
mod deploys;
mod errors;
mod exclusions;
mod keys;
mod leases;
mod migrations;
mod opening;
mod outbox;
mod profile_schedules;
mod pruning;
mod records;
mod service_settings;
mod services;
mod sessions;
mod shutdowns;
mod silences;
mod slo_minutes;
mod slos;
mod standings;
mod templates;
mod tokens;
mod uptime;
mod waivers;
