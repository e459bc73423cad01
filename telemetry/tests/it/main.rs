//! The embedded store as the portal uses it.

#![allow(clippy::unwrap_used)] // helpers of tests fail their test

mod bounds;
mod damage;
mod histograms;
mod killed;
mod logs;
mod logs_property;
mod metrics;
mod observed;
mod profiles;
mod search_property;
mod support;
mod traces;
