//! Describes an agent before it starts.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use seaworthy_protocol::Build;

use crate::{
    Agent, StartError,
    drain::{Drain, InFlight},
    figures::Sampler,
    health::{Checks, HealthCheck},
    identity::{Identity, this_process},
    losses::Losses,
    metrics::Registry,
    settings::Settings,
    shared::Shared,
    trace::TraceId,
    worker::Worker,
};

/// Describes an agent before it starts. What is said here wins over the environment.
#[must_use = "an agent runs once it is started"]
#[derive(Debug)]
pub struct Builder {
    service: String,
    build: Build,
    environment: String,
    settings: Settings,
    checks: Vec<HealthCheck>,
}

impl Builder {
    pub(crate) fn new(service: String) -> Self {
        Self {
            service,
            build: Build::default(),
            environment: String::new(),
            settings: Settings::default(),
            checks: Vec::new(),
        }
    }

    /// OpenTelemetry's `service.version`; `env!("CARGO_PKG_VERSION")` is a good one.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.build.version = version.into();
        self
    }

    /// The commit that was built.
    pub fn commit(mut self, commit: impl Into<String>) -> Self {
        self.build.commit = commit.into();
        self
    }

    /// When it was built.
    pub fn built_at(mut self, built_at: Timestamp) -> Self {
        self.build.built_at = Some(built_at);
        self
    }

    /// OpenTelemetry's `deployment.environment.name`: `production`.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = environment.into();
        self
    }

    /// How long dropping the [`Agent`] may take to send what is waiting. 5 s by default.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.settings.shutdown_timeout = timeout;
        self
    }

    /// Adds a health check.
    pub fn health_check(mut self, check: HealthCheck) -> Self {
        self.checks.push(check);
        self
    }

    /// From SIGTERM until servers stop accepting connections: time for load balancers to notice that the instance is
    /// not ready. 1 s by default.
    pub fn drain_delay(mut self, delay: Duration) -> Self {
        self.settings.drain_delay = delay;
        self
    }

    /// From SIGTERM until requests that still run are broken off. 25 s by default, so that with the
    /// [shutdown timeout](Self::shutdown_timeout) the process ends within the 30 s that Kubernetes allows.
    pub fn drain_deadline(mut self, deadline: Duration) -> Self {
        self.settings.drain_deadline = deadline;
        self
    }

    /// Starts the agent.
    ///
    /// # Errors
    /// When a setting is wrong, or the system gives no thread. Never because the portal cannot be reached.
    pub fn start(self) -> Result<Agent, StartError> {
        let identity = Identity {
            service: self.service,
            instance: TraceId::random().to_string(),
            environment: self.environment,
            build: self.build,
            process: this_process(String::new()),
        };
        let (losses, in_flight) = (Arc::<Losses>::default(), Arc::<InFlight>::default());
        let shared = Arc::new(Shared {
            metrics: Registry::new(
                identity.process.started_at.into(),
                self.settings.series_limit,
                losses.clone(),
            ),
            identity,
            losses,
            health: Checks::start(self.checks)?,
            figures: Arc::new(Sampler::new(in_flight.clone())),
            drain: Arc::new(Drain::new(in_flight.clone(), self.settings.drain_terms())),
            settings: self.settings,
            in_flight,
            worker: Mutex::default(),
        });
        shared.figures.export(&shared.metrics);
        let worker = Worker::start(shared.clone())?;
        *shared.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker);
        Ok(Agent::new(shared))
    }
}
