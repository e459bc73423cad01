//! The agent against a real HTTP server that plays the portal.

// The helpers of a test are a test too, though clippy cannot know.
#![allow(clippy::unwrap_used)]

mod check_in;
mod commands;
mod delivery;
mod errors;
mod http;
#[cfg(unix)]
mod kiosk;
mod life;
mod logs;
mod manners;
mod metrics;
mod portal;
mod profiles;
mod shown;
#[cfg(unix)]
mod signals;
mod spans;

use std::time::{Duration, Instant};

use seaworthy_agent::{Agent, Builder, heap::Sampling};

use self::portal::Portal;

/// Every test goes through it.
#[global_allocator]
static ALLOCATOR: Sampling<std::alloc::System> = Sampling::new(std::alloc::System);

/// An agent that reports to this portal, and sends quickly.
fn agent(portal: &Portal) -> Builder {
    Agent::builder("reception")
        .without_subscriber()
        .portal(portal.url())
        .admin_address(None)
        .span_interval(Duration::from_millis(20))
        .log_interval(Duration::from_millis(20))
        .shutdown_timeout(Duration::from_secs(5))
}

/// Waits until something is so, and fails when it does not become so.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "never came true: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Records the spans, and sends the lines, of this thread with this agent until the guard is dropped.
fn trace(agent: &seaworthy_agent::Handle) -> tracing::subscriber::DefaultGuard {
    use tracing_subscriber::prelude::*;
    tracing::subscriber::set_default(tracing_subscriber::registry().with(agent.tracing_layer()))
}
