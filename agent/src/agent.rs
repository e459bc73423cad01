//! The guard that a service holds, and the handle that its parts share.

use std::{
    ops::Deref,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use seaworthy_protocol::Loss;
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use crate::{Builder, logs::LayerFilter, shared::Shared, trace::TracingLayer};

/// Keeps the agent running. Dropping it sends what is waiting and ends the agent, within the time that
/// [`Builder::shutdown_timeout`] allows (5 s by default).
///
/// Hold it until the end of `main`. Everything else goes through the [`Handle`] it derefs to.
#[must_use = "the agent ends when this guard is dropped; hold it until the end of main"]
#[derive(Debug)]
pub struct Agent {
    handle: Handle,
}

/// A cheap, cloneable reference to a running agent. It does not keep the agent running.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

impl Agent {
    /// Describes an agent for the service of this name (OpenTelemetry's `service.name`).
    pub fn builder(service: impl Into<String>) -> Builder {
        Builder::new(Some(service.into()))
    }

    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { handle: Handle { shared } }
    }

    /// Like [`Agent::builder`], for a service that takes its name from `OTEL_SERVICE_NAME`.
    pub fn from_environment() -> Builder {
        Builder::new(None)
    }

    /// Does what dropping does, without keeping the thread of a runtime waiting.
    pub async fn stop(self) {
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        // Where the system gives no thread, the closure, and with it the agent, is dropped right here.
        let _ = std::thread::Builder::new().name("seaworthy-stop".into()).spawn(move || {
            drop(self);
            drop(ended);
        });
        // An error is the very news: the other end is dropped when all is over.
        let _ = end.await;
    }

    /// A reference to give to the parts of the service.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Deref for Agent {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.handle.shared.stop();
    }
}

impl Handle {
    /// The layer that records the spans of a subscriber, and sends its log lines. Only for services that install a subscriber of their own; it must
    /// be based on [`tracing_subscriber::Registry`].
    ///
    /// ```no_run
    /// use tracing_subscriber::prelude::*;
    /// # fn main() -> Result<(), seaworthy_agent::StartError> {
    /// let agent = seaworthy_agent::Agent::builder("reception").without_subscriber().start()?;
    /// tracing_subscriber::registry().with(agent.tracing_layer()).with(tracing_subscriber::fmt::layer()).init();
    /// # Ok(()) }
    /// ```
    pub fn tracing_layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let shared = &self.shared;
        let recorded = shared.recorder.as_ref().map(|recorder| recorder.filter.clone());
        let lines = shared.lines.as_ref().map(|_| shared.log_filter.clone());
        TracingLayer::new(shared.recorder.clone(), shared.lines.clone())
            .with_filter(LayerFilter { lines, recorded })
    }

    /// Sends what has ended so far, and waits until the portal has taken it. Says whether that was done in time.
    /// Blocks: not for use on a runtime's thread.
    pub fn flush(&self, timeout: Duration) -> bool {
        let worker = self.shared.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let done = worker.as_ref().map(|worker| worker.flush(Instant::now() + timeout));
        drop(worker);
        done.is_some_and(|done| done.recv_timeout(timeout).is_ok())
    }

    /// What could not be delivered since the process started, by signal and reason. Only what is not zero.
    pub fn losses(&self) -> Vec<Loss> {
        self.shared.losses.snapshot()
    }

    /// How long dropping the [`Agent`] may take.
    pub fn shutdown_timeout(&self) -> Duration {
        self.shared.settings.shutdown_timeout
    }
}
