//! How an agent is set up.

use std::time::Duration;

use crate::metrics::Temporality;

/// How an agent is set up: what the code said, else the environment, else the default.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whether metric points are deltas or totals.
    pub(crate) temporality: Temporality,
    /// Series a metric may have.
    pub(crate) series_limit: usize,
    /// How long dropping the agent may take.
    pub(crate) shutdown_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            temporality: Temporality::Delta,
            series_limit: crate::metrics::DEFAULT_SERIES_LIMIT,
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}
