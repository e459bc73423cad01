//! The cached result of a check.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use seaworthy_protocol::{Check, CheckResult};

use super::HealthCheck;

/// A check that should have timed out so long ago blocks its thread.
const GRACE: Duration = Duration::from_millis(250);

/// What readers know of a check.
#[derive(Debug)]
pub(crate) struct Watched {
    name: String,
    critical: bool,
    timeout: Duration,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    running_since: Option<Instant>,
    latest: Option<Latest>,
}

#[derive(Clone, Debug)]
struct Latest {
    result: CheckResult,
    at: Timestamp,
    took: Duration,
}

impl Watched {
    pub(crate) fn new(check: &HealthCheck) -> Self {
        let HealthCheck { name, critical, timeout, .. } = check;
        Self { name: name.clone(), critical: *critical, timeout: *timeout, state: Mutex::default() }
    }

    pub(crate) fn begin(&self, now: Instant) {
        self.lock().running_since = Some(now);
    }

    pub(crate) fn end(&self, now: Instant, wall: Timestamp, result: CheckResult) {
        let mut state = self.lock();
        let took = state.running_since.take().map_or(Duration::ZERO, |since| now - since);
        state.latest = Some(Latest { result, at: wall, took });
    }

    /// The latest result. A run that is long over its time is judged by the reader, because the thread that should
    /// have cancelled it may be the one that it blocks.
    pub(crate) fn read(&self, now: Instant, wall: Timestamp) -> Check {
        let state = self.lock().clone();
        let running = state.running_since.map(|since| now.saturating_duration_since(since));
        let latest = match running {
            Some(took) if took > self.timeout + GRACE => {
                let reason =
                    format!("timed out after {:?}, and blocks the thread of the checks", self.timeout);
                Some(Latest { result: CheckResult::Fail { reason }, at: wall, took })
            }
            _ => state.latest,
        };
        Check {
            name: self.name.clone(),
            critical: self.critical,
            checked_at: latest.as_ref().map(|latest| latest.at),
            took_ms: latest
                .as_ref()
                .map_or(0, |latest| u64::try_from(latest.took.as_millis()).unwrap_or(u64::MAX)),
            result: latest.map_or(CheckResult::Pending, |latest| latest.result),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
