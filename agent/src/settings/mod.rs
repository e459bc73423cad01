//! How an agent is set up.

use std::time::Duration;

use crate::{drain::Terms, metrics::Temporality};

/// How an agent is set up: what the code said, else the environment, else the default.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whether metric points are deltas or totals.
    pub(crate) temporality: Temporality,
    /// Series a metric may have.
    pub(crate) series_limit: usize,
    /// From the signal until servers stop accepting.
    pub(crate) drain_delay: Duration,
    /// From the signal until what still runs is broken off.
    pub(crate) drain_deadline: Duration,
    /// How long dropping the agent may take.
    pub(crate) shutdown_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            temporality: Temporality::Delta,
            series_limit: crate::metrics::DEFAULT_SERIES_LIMIT,
            drain_delay: Duration::from_secs(1),
            drain_deadline: Duration::from_secs(25),
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}

impl Settings {
    pub(crate) fn drain_terms(&self) -> Terms {
        Terms { delay: self.drain_delay, deadline: self.drain_deadline, flush: self.shutdown_timeout }
    }
}
