//! Why an agent did not start.

/// Why an agent did not start. An unreachable portal is no reason: the agent waits for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting is wrong.
    #[error("{setting} is {value:?}, but must be {expected}")]
    Setting {
        /// The variable, or the method of [`Builder`](crate::Builder).
        setting: &'static str,
        /// What it was set to.
        value: String,
        /// What is accepted.
        expected: String,
    },
    /// The address of the admin endpoints cannot be listened on.
    #[error(
        "cannot listen on {address} for the admin endpoints ({source}); set SEAWORTHY_ADMIN_ADDRESS to a free address or to off"
    )]
    AdminAddress {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gave no thread, no randomness or no event queue.
    #[error("cannot start the agent's background thread: {0}")]
    Worker(#[from] std::io::Error),
}
