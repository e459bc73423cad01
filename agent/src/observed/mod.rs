//! What the agent notices in the process it is a guest of, for the portal to judge by.

pub(crate) mod log_lines;
pub(crate) mod panics;
mod user;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering::Relaxed};

use jiff::Timestamp;
use seaworthy_protocol::{Observations, Probes};

use crate::profiles;

/// What the agent has noticed so far.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// Zero as long as no runtime was seen.
    worker_threads: AtomicU32,
    pub(crate) captures_panics: AtomicBool,
    pub(crate) counts_log_lines: AtomicBool,
    /// Whether the service has taken the admin endpoints for a server of its own.
    pub(crate) mounts_admin: AtomicBool,
    pub(crate) liveness_asked: Moment,
    pub(crate) readiness_asked: Moment,
}

impl Observed {
    /// Looks at the runtime that the caller is in, if it is in one. The service's own, wherever it is the service that calls.
    pub(crate) fn runtime(&self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let workers = u32::try_from(runtime.metrics().num_workers()).unwrap_or(u32::MAX);
            self.worker_threads.fetch_max(workers, Relaxed);
        }
    }

    /// All of it, as of now.
    pub(crate) fn snapshot(&self) -> Observations {
        let workers = self.worker_threads.load(Relaxed);
        let probes = Probes {
            liveness_asked_at: self.liveness_asked.latest(),
            readiness_asked_at: self.readiness_asked.latest(),
        };
        Observations {
            worker_threads: (workers > 0).then_some(workers),
            recommended_worker_threads: None,
            admin: None,
            runs_as_root: user::is_root(),
            captures_panics: Some(self.captures_panics.load(Relaxed)),
            counts_log_lines: Some(self.counts_log_lines.load(Relaxed)),
            profiles: Some(profiles::kinds()),
            log_filter: None,
            probes: Some(probes),
        }
    }
}

/// When something happened last, in milliseconds since the Unix epoch; zero as long as it has not.
#[derive(Debug, Default)]
pub(crate) struct Moment(AtomicI64);

impl Moment {
    /// It happens now.
    pub(crate) fn now(&self) {
        self.0.store(Timestamp::now().as_millisecond(), Relaxed);
    }

    fn latest(&self) -> Option<Timestamp> {
        match self.0.load(Relaxed) {
            0 => None,
            at => Timestamp::from_millisecond(at).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_runtimes_the_one_with_the_most_workers_counts() {
        let observed = Observed::default();
        observed.runtime();
        assert_eq!(observed.snapshot().worker_threads, None, "there is none");
        let runtime =
            |workers| tokio::runtime::Builder::new_multi_thread().worker_threads(workers).build().unwrap();
        for (workers, expected) in [(2, 2), (5, 5), (3, 5)] {
            runtime(workers).block_on(async { observed.runtime() });
            assert_eq!(observed.snapshot().worker_threads, Some(expected));
        }
        let alone = Observed::default();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { alone.runtime() });
        assert_eq!(alone.snapshot().worker_threads, Some(1));
    }

    #[test]
    fn a_moment_is_when_it_was_last() {
        let moment = Moment::default();
        assert_eq!(moment.latest(), None);
        let before = Timestamp::now().as_millisecond();
        moment.now();
        let latest = moment.latest().unwrap().as_millisecond();
        assert!((before..=Timestamp::now().as_millisecond()).contains(&latest));
    }
}
