//! The guard that a service holds, and the handle that its parts share.

use std::{ops::Deref, sync::Arc, time::Duration};

use seaworthy_protocol::Loss;

use crate::{Builder, shared::Shared};

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
        Builder::new(service.into())
    }

    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { handle: Handle { shared } }
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
    /// What could not be delivered since the process started, by signal and reason. Only what is not zero.
    pub fn losses(&self) -> Vec<Loss> {
        self.shared.losses.snapshot()
    }

    /// How long dropping the [`Agent`] may take.
    pub fn shutdown_timeout(&self) -> Duration {
        self.shared.settings.shutdown_timeout
    }
}
