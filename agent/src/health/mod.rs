//! Health checks.

use seaworthy_protocol::Health;

/// The declared checks and their latest results.
#[derive(Debug, Default)]
pub(crate) struct Checks {}

impl Checks {
    /// The latest results.
    pub(crate) fn snapshot(&self) -> Health {
        Health::default()
    }
}
