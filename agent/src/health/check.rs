//! How a service describes a check.

use std::{fmt, time::Duration};

use futures_util::future::{FutureExt, LocalBoxFuture};

/// What is told of a reason; the rest is cut.
const MAX_REASON: usize = 1024;

/// A named health check: something that the service needs, and how to see whether it works.
///
/// The check runs on a thread of the agent's own, first when the agent starts and then again and again. It may take
/// its time, up to the timeout, but must not block its thread: the other checks would have to wait.
///
/// It runs on another runtime than the service. A connection that a pool opens during a check belongs to that runtime;
/// where that matters, let the check hand its work over with [`tokio::runtime::Handle::spawn`].
///
/// ```
/// # use std::time::Duration;
/// # use seaworthy_agent::health::HealthCheck;
/// # async fn ping() -> Result<(), std::io::Error> { Ok(()) }
/// let database = HealthCheck::new("orders.db", || async { ping().await })
///     .critical()
///     .every(Duration::from_secs(5))
///     .timeout(Duration::from_secs(1));
/// ```
#[must_use = "a check runs once it is given to Builder::health_check"]
pub struct HealthCheck {
    pub(crate) name: String,
    pub(crate) critical: bool,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
    pub(crate) run: Box<dyn Fn() -> LocalBoxFuture<'static, Result<(), String>> + Send>,
}

impl HealthCheck {
    /// A check of this name: every 10 s, with a timeout of 2 s, not critical.
    pub fn new<C, F, E>(name: impl Into<String>, check: C) -> Self
    where
        C: Fn() -> F + Send + 'static,
        F: Future<Output = Result<(), E>> + 'static,
        E: fmt::Display,
    {
        let run = move || check().map(|result| result.map_err(|error| reason(&error))).boxed_local();
        Self {
            name: name.into(),
            critical: false,
            interval: Duration::from_secs(10),
            timeout: Duration::from_secs(2),
            run: Box::new(run),
        }
    }

    /// Its failure makes the instance `Unavailable`, and not ready.
    pub fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    /// How long to wait after a run before the next; 10 ms at the least.
    pub fn every(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(10));
        self
    }

    /// How long a run may take before it counts as failed and is cancelled.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl fmt::Debug for HealthCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthCheck").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `{:#}` is the whole chain of causes where the error knows how to show it.
fn reason(error: &impl fmt::Display) -> String {
    let mut reason = format!("{error:#}");
    reason.truncate(reason.floor_char_boundary(MAX_REASON));
    reason
}
