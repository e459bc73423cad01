//! Through which all parts of an agent reach each other.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    drain::{Drain, InFlight},
    errors::Errors,
    figures::Sampler,
    health::Checks,
    http::{Outgoing, Server},
    identity::Identity,
    logs::{Lines, LogFilter},
    losses::Losses,
    mask::Mask,
    metrics::Registry,
    now::Now,
    observed::Observed,
    settings::Settings,
    trace::Recorder,
    worker::Worker,
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
    /// What the tracing layer records by; none when the agent is disabled.
    pub(crate) recorder: Option<Arc<Recorder>>,
    /// Which lines are logged.
    pub(crate) log_filter: Arc<LogFilter>,
    /// Which lines are sent; none when the agent is disabled or sends no logs.
    pub(crate) lines: Option<Arc<Lines>>,
    /// Whereto errors are told; none where no lines are sent.
    pub(crate) errors: Option<Errors>,
    /// What is kept secret.
    pub(crate) mask: Arc<Mask>,
    /// The instruments, collected and sent by the worker.
    pub(crate) metrics: Registry,
    /// The health checks, run on a thread of their own.
    pub(crate) health: Checks,
    /// What the process uses.
    pub(crate) figures: Arc<Sampler>,
    /// What was noticed in the process.
    pub(crate) observed: Observed,
    /// Where the instance stands in its life.
    pub(crate) drain: Arc<Drain>,
    /// What it is at right now.
    pub(crate) now: Arc<Now>,
    /// Measures the HTTP servers of the process.
    pub(crate) server: Arc<Server>,
    /// Measures its outgoing requests.
    pub(crate) outgoing: Arc<Outgoing>,
    /// The requests that have begun and not ended.
    pub(crate) in_flight: Arc<InFlight>,
    /// The thread; none before it has started and after it was stopped.
    pub(crate) worker: Mutex<Option<Worker>>,
}

impl Shared {
    /// Ends every part and sends what is waiting, within the shutdown timeout. The second call does nothing.
    pub(crate) fn stop(&self) {
        self.drain.settle();
        self.health.stop();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            worker.stop(self.settings.shutdown_timeout);
        }
        self.drain.over();
    }
}
