//! Through which all parts of an agent reach each other.

use std::sync::Arc;

use crate::{
    drain::Drain, figures::Sampler, health::Checks, identity::Identity, losses::Losses, metrics::Registry,
    settings::Settings,
};

/// The parts of one agent. Every one of them may be used from any thread.
#[derive(Debug)]
pub(crate) struct Shared {
    /// How the agent was set up.
    pub(crate) settings: Settings,
    /// Who this instance is.
    pub(crate) identity: Identity,
    /// What could not be delivered.
    pub(crate) losses: Arc<Losses>,
    /// The instruments, collected and sent by the worker.
    pub(crate) metrics: Registry,
    /// The health checks, run on the worker's runtime.
    pub(crate) health: Checks,
    /// What the process uses.
    pub(crate) figures: Sampler,
    /// Where the instance stands in its life.
    pub(crate) drain: Drain,
}
