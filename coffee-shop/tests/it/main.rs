//! The coffee shop over real HTTP, in this process.

// clippy.toml allows these in tests, but knows only functions with #[test] for tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod build;
mod faults;
mod orders;
mod shop;
