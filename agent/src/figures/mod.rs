//! What the process uses, and how much it may use.
//!
//! A figure that the platform does not tell is absent: outside Linux most are.

mod cgroup;
mod process;
mod process_metrics;
pub(crate) mod right_size;

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::{Duration, Instant},
};

use seaworthy_protocol::Figures;

use self::{cgroup::Cgroup, process::Usage};
use crate::drain::InFlight;

/// CPU use over less is noise: the kernel counts in hundredths of a second.
const SHORTEST_PERIOD: Duration = Duration::from_secs(1);

/// Reads the figures of the process; remembers the last sample, because CPU use is a rate.
#[derive(Debug)]
pub(crate) struct Sampler {
    in_flight: Arc<InFlight>,
    cgroup: Cgroup,
    cpu: Mutex<CpuRate>,
}

impl Sampler {
    /// Begins to watch the process.
    pub(crate) fn new(in_flight: Arc<InFlight>) -> Self {
        let cpu = CpuRate { since: Instant::now(), used: Usage::read().cpu, cores: None };
        Self { in_flight, cgroup: Cgroup::of_this_process(), cpu: Mutex::new(cpu) }
    }

    /// What the process uses right now.
    pub(crate) fn sample(&self) -> Figures {
        let usage = Usage::read();
        Figures {
            cpu_cores: self.cpu_cores(Instant::now(), usage.cpu),
            cpu_limit_cores: self.cpu_limit_cores(),
            cpu_throttling: self.cgroup.throttling(),
            memory_bytes: usage.memory_bytes,
            memory_limit_bytes: self.memory_limit_bytes(),
            cgroup_memory_bytes: self.cgroup.memory_use_bytes(),
            threads: usage.threads,
            requests_in_flight: Some(self.in_flight.count()),
        }
    }

    fn cpu_cores(&self, now: Instant, used: Option<CpuTime>) -> Option<f64> {
        self.cpu.lock().unwrap_or_else(PoisonError::into_inner).update(now, used)
    }

    fn cpu_limit_cores(&self) -> Option<f64> {
        right_size::cores(self.cgroup.cpu_cores(), available_parallelism().ok().map(Into::into))
    }

    /// How many worker threads fit what the process may use.
    pub(crate) fn recommended_worker_threads(&self) -> Option<u32> {
        self.cpu_limit_cores().map(right_size::workers)
    }

    fn memory_limit_bytes(&self) -> Option<u64> {
        [self.cgroup.memory_bytes(), process::memory_of_machine()].into_iter().flatten().min()
    }
}

/// CPU time since the process started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuTime {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
}

/// CPU time per second of wall time, over the last period that was long enough.
#[derive(Debug)]
struct CpuRate {
    since: Instant,
    used: Option<CpuTime>,
    cores: Option<f64>,
}

impl CpuRate {
    fn update(&mut self, now: Instant, used: Option<CpuTime>) -> Option<f64> {
        let period = now.saturating_duration_since(self.since);
        if period >= SHORTEST_PERIOD {
            let total = |time: CpuTime| time.user + time.system;
            self.cores = match (self.used, used) {
                (Some(before), Some(after)) => {
                    let spent = total(after).saturating_sub(total(before));
                    Some(spent.as_secs_f64() / period.as_secs_f64())
                }
                _ => None,
            };
            (self.since, self.used) = (now, used);
        }
        self.cores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(user_ms: u64, system_ms: u64) -> Option<CpuTime> {
        Some(CpuTime { user: Duration::from_millis(user_ms), system: Duration::from_millis(system_ms) })
    }

    #[test]
    fn cpu_use_is_a_rate_over_at_least_a_second() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut rate = CpuRate { since: start, used: used(1_000, 0), cores: None };
        assert_eq!(rate.update(after(500), used(1_500, 0)), None);
        assert_eq!(rate.update(after(2_000), used(3_000, 1_000)), Some(1.5));
        assert_eq!(rate.update(after(2_500), used(9_000, 9_000)), Some(1.5));
        assert_eq!(rate.update(after(4_000), used(3_000, 1_500)), Some(0.25));
        assert_eq!(rate.update(after(6_000), None), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_every_figure() {
        let figures = Sampler::new(Arc::default()).sample();
        assert!(figures.memory_bytes.unwrap() > 100_000, "{figures:?}");
        assert!(figures.memory_limit_bytes > figures.memory_bytes, "{figures:?}");
        assert!(figures.cpu_limit_cores.unwrap() > 0.0, "{figures:?}");
        assert!(figures.threads.unwrap() >= 2, "{figures:?}");
        assert_eq!(figures.requests_in_flight, Some(0));
    }
}
