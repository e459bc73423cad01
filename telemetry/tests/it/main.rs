//! The embedded store as the portal uses it.

#![allow(clippy::unwrap_used)] // helpers of tests fail their test

mod histograms;
mod metrics;
mod support;
mod traces;
