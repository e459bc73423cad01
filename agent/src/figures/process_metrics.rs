//! The figures as metrics, so that the portal can chart saturation.
//!
//! Names are OpenTelemetry's; it has none for the limits of a process and for being held up by them, so those are ours.

use std::{sync::Arc, time::Duration};

use seaworthy_protocol::Throttling;

use super::{Sampler, Usage};
use crate::metrics::{Counter, Gauge, Registry, UpDownCounter};

/// The kernel counts CPU time in hundredths of a second on every platform that Rust knows.
const TICK: f64 = 0.01;
/// Throttled time is counted in milliseconds.
const STEP: f64 = 0.001;

struct ProcessMetrics {
    user: Counter,
    system: Counter,
    memory: UpDownCounter,
    threads: UpDownCounter,
    cpu_limit: Gauge,
    memory_limit: UpDownCounter,
    held_up: Option<HeldUp>,
}

/// What the CPU quota has done to the process, where there is one.
struct HeldUp {
    periods: Counter,
    throttled_periods: Counter,
    throttled_time: Counter,
}

impl HeldUp {
    fn new(registry: &Registry) -> Self {
        let count = |name, text| registry.counter(name, "{period}", text).series(());
        let time = "Time that the process stood still because its CPU quota was spent, over all cores.";
        Self {
            periods: count("process.cpu.quota.periods", "Periods of the CPU quota in which something ran."),
            throttled_periods: count(
                "process.cpu.quota.throttled_periods",
                "Periods of the CPU quota that were not over when it was spent.",
            ),
            throttled_time: registry
                .stepped_counter("process.cpu.quota.throttled_time", "s", time, STEP)
                .series(()),
        }
    }

    fn update(&self, throttling: &Throttling) {
        self.periods.advance_to(throttling.periods);
        self.throttled_periods.advance_to(throttling.throttled_periods);
        self.throttled_time.advance_to((throttling.throttled_seconds / STEP).round() as u64);
    }
}

impl Sampler {
    /// Lets every reading of the metrics have the figures in it. What the platform does not tell is left out.
    pub(crate) fn export(self: &Arc<Self>, registry: &Registry) {
        let usage = Usage::read();
        if usage.cpu.is_none() {
            return;
        }
        let held_up = self.cgroup.throttling().map(|_| HeldUp::new(registry));
        let (sampler, metrics) = (Arc::clone(self), ProcessMetrics::new(registry, held_up));
        registry.before_reading(move || metrics.update(&sampler));
    }
}

impl ProcessMetrics {
    fn new(registry: &Registry, held_up: Option<HeldUp>) -> Self {
        let cpu = registry.stepped_counter("process.cpu.time", "s", "CPU time the process has used.", TICK);
        let amount = |name, unit, text| registry.up_down_counter(name, unit, text).series(());
        Self {
            user: cpu.series([("cpu.mode", "user")]),
            system: cpu.series([("cpu.mode", "system")]),
            memory: amount("process.memory.usage", "By", "Resident memory of the process."),
            threads: amount("process.thread.count", "{thread}", "Threads of the process."),
            cpu_limit: registry.gauge("process.cpu.limit", "{cpu}", "Cores the process may use.").series(()),
            memory_limit: amount("process.memory.limit", "By", "Memory the process may use."),
            held_up,
        }
    }

    fn update(&self, sampler: &Sampler) {
        let usage = Usage::read();
        if let Some(cpu) = usage.cpu {
            self.user.advance_to(ticks(cpu.user));
            self.system.advance_to(ticks(cpu.system));
        }
        let bytes = |bytes: Option<u64>| bytes.and_then(|bytes| i64::try_from(bytes).ok());
        bytes(usage.memory_bytes).inspect(|bytes| self.memory.set(*bytes));
        usage.threads.inspect(|threads| self.threads.set((*threads).into()));
        sampler.cpu_limit_cores().inspect(|cores| self.cpu_limit.set(*cores));
        if let (Some(held_up), Some(throttling)) = (&self.held_up, sampler.cgroup.throttling()) {
            held_up.update(&throttling);
        }
        bytes(sampler.memory_limit_bytes()).inspect(|bytes| self.memory_limit.set(*bytes));
    }
}

fn ticks(time: Duration) -> u64 {
    (time.as_secs_f64() / TICK).round() as u64
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn every_page_has_fresh_figures() {
        let registry = Registry::new(SystemTime::now(), 10, Arc::default());
        Arc::new(Sampler::new(Arc::default())).export(&registry);
        let value = |page: &str, name: &str| -> f64 {
            let line =
                page.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {page}"));
            line.rsplit_once(' ').unwrap().1.parse().unwrap()
        };
        let before = registry.exposition(&[]);
        let held = std::hint::black_box(vec![1u8; 64 << 20]);
        let after = registry.exposition(&[]);
        let grown =
            value(&after, "process_memory_usage_bytes ") - value(&before, "process_memory_usage_bytes ");
        assert!(grown > 50e6, "{grown}");
        drop(held);
        for name in ["process_thread_count_value ", "process_cpu_limit ", "process_memory_limit_bytes "] {
            assert!(value(&after, name) > 0.0, "{name}");
        }
        assert!(value(&after, "process_cpu_time_seconds_total{cpu_mode=\"user\"}") >= 0.0);
    }
}
