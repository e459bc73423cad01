//! How an agent is set up.

use std::time::Duration;

use crate::metrics::Temporality;

/// How an agent is set up: what the code said, else the environment, else the default.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whether metric points are deltas or totals.
    pub(crate) temporality: Temporality,
    /// How long dropping the agent may take.
    pub(crate) shutdown_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { temporality: Temporality::Delta, shutdown_timeout: Duration::from_secs(5) }
    }
}
