//! Health checks: run in the background, read from a cache.
//!
//! All checks of an agent share one thread of its own, `seaworthy-checks`, which exists only if there are checks.

mod check;
mod runner;
mod watched;

use std::{borrow::Cow, sync::Arc, time::Instant};

use jiff::Timestamp;
use seaworthy_protocol::{Check, CheckResult, Health, HealthStatus};
use tokio::sync::watch;

pub use self::check::HealthCheck;
use self::watched::Watched;
use crate::{StartError, mask::Mask};

/// The declared checks and their latest results.
#[derive(Debug)]
pub(crate) struct Checks {
    watched: Vec<Arc<Watched>>,
    mask: Arc<Mask>,
    stop: watch::Sender<bool>,
}

impl Checks {
    /// Starts to run the checks.
    ///
    /// # Errors
    /// When two have the same name, or the system gives no thread.
    pub(crate) fn start(checks: Vec<HealthCheck>, mask: Arc<Mask>) -> Result<Self, StartError> {
        refuse_doubles(&checks)?;
        let watched: Vec<_> = checks.iter().map(|check| Arc::new(Watched::new(check))).collect();
        let stop = watch::Sender::new(false);
        if !checks.is_empty() {
            let pairs = watched.iter().cloned().zip(checks).collect();
            runner::start(pairs, stop.subscribe()).map_err(StartError::Worker)?;
        }
        Ok(Self { watched, mask, stop })
    }

    /// The latest results.
    pub(crate) fn snapshot(&self) -> Health {
        self.snapshot_at(Instant::now(), Timestamp::now())
    }

    fn snapshot_at(&self, now: Instant, wall: Timestamp) -> Health {
        let checks = self.watched.iter().map(|check| self.masked(check.read(now, wall)));
        let checks: Vec<_> = checks.collect();
        let status = checks.iter().map(|check| match (&check.result, check.critical) {
            (CheckResult::Fail { .. }, true) => HealthStatus::Unavailable,
            (CheckResult::Fail { .. }, false) => HealthStatus::PartiallyAvailable,
            _ => HealthStatus::Ok,
        });
        Health { status: status.max_by_key(|status| *status as u8).unwrap_or_default(), checks }
    }

    /// Why a check fails may be said with a URL that has a password in it.
    fn masked(&self, mut check: Check) -> Check {
        if let CheckResult::Fail { reason } = &mut check.result
            && let Cow::Owned(masked) = self.mask.text(reason)
        {
            *reason = masked;
        }
        check
    }

    /// Lets the thread end. It is not waited for: a check that blocks must not keep the host.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }
}

/// Why an instance of this health wants no requests: the critical checks that have not passed. What they say stays behind
/// `/status`, which can ask for a token.
pub(crate) fn obstacles(health: &Health) -> Vec<String> {
    let critical = health.checks.iter().filter(|check| check.critical);
    let obstacle = |check: &Check| match check.result {
        CheckResult::Pass => None,
        CheckResult::Pending => Some(format!("{} has not been checked yet", check.name)),
        CheckResult::Fail { .. } => Some(format!("{} fails", check.name)),
    };
    critical.filter_map(obstacle).collect()
}

fn refuse_doubles(checks: &[HealthCheck]) -> Result<(), StartError> {
    let double = (1..checks.len()).find(|i| checks[..*i].iter().any(|other| other.name == checks[*i].name));
    match double {
        None => Ok(()),
        Some(i) => Err(StartError::Setting {
            setting: "health_check",
            value: checks[i].name.clone(),
            expected: "a name that no other check has".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests;
