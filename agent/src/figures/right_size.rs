//! How many worker threads fit what the process may use.

use std::{io, num::NonZero, thread::available_parallelism};

use tokio::runtime::{Builder, Runtime};

use super::cgroup::Cgroup;

/// Set by whoever runs the service, and heeded by tokio.
const BY_OPERATOR: &str = "TOKIO_WORKER_THREADS";

/// A tokio runtime of the right size: with I/O, time, and as many workers as the process has cores by its cgroup's CPU quota and
/// its affinity, rounded up. Where there is a quota, tokio by itself would round down; and workers that were counted by the
/// machine's cores spend the quota early in each period, and then all stand still. `TOKIO_WORKER_THREADS` wins.
///
/// It has several threads wherever it runs, even if it has one worker only: what calls `block_in_place` works on a
/// `multi_thread` runtime alone, and ought not to break where the quota is small.
///
/// ```
/// fn main() -> std::io::Result<()> {
///     seaworthy_agent::runtime()?.block_on(async {
///         // Start the agent, and serve.
///     });
///     Ok(())
/// }
/// ```
///
/// # Errors
/// When the system gives no threads or no file descriptors.
pub fn runtime() -> io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder.enable_all();
    if std::env::var_os(BY_OPERATOR).is_none() {
        builder.worker_threads(worker_threads().get());
    }
    builder.build()
}

/// How many worker threads fit the CPU quota and the affinity of this process: as many as it has cores, rounded up, and at least
/// one. For runtimes that [`runtime`] does not build.
pub fn worker_threads() -> NonZero<usize> {
    let parallelism = available_parallelism().ok();
    let cores = cores(Cgroup::of_this_process().cpu_cores(), parallelism.map(Into::into));
    let workers = cores.map(workers).and_then(|workers| NonZero::new(usize::try_from(workers).ok()?));
    workers.or(parallelism).unwrap_or(NonZero::<usize>::MIN)
}

/// Cores that the process may use. The standard library counts those of the affinity, and of the quota rounds down: where it finds
/// fewer than that, the affinity is what binds.
pub(super) fn cores(quota: Option<f64>, parallelism: Option<usize>) -> Option<f64> {
    let parallelism = parallelism.map(|cores| cores as f64);
    match (quota, parallelism) {
        (Some(quota), Some(cores)) if cores < quota.floor().max(1.0) => Some(cores),
        (Some(quota), _) => Some(quota),
        (None, cores) => cores,
    }
}

pub(super) fn workers(cores: f64) -> u32 {
    cores.ceil().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_as_many_as_cores_rounded_up() {
        for (quota, parallelism, expected) in [
            (None, Some(8), 8),
            (Some(0.2), Some(1), 1),
            (Some(1.5), Some(1), 2),
            (Some(2.0), Some(2), 2),
            (Some(4.0), Some(4), 4),
            // The affinity is the smaller one.
            (Some(4.0), Some(2), 2),
            (Some(2.5), None, 3),
            // A quota beyond the machine does not bind.
            (Some(64.0), Some(8), 8),
        ] {
            assert_eq!(cores(quota, parallelism).map(workers), Some(expected), "{quota:?} {parallelism:?}");
        }
        assert_eq!(cores(None, None), None);
    }

    #[test]
    fn a_runtime_has_as_many_workers_as_are_recommended() {
        let runtime = runtime().unwrap();
        let asked = std::env::var(BY_OPERATOR).ok().and_then(|workers| workers.parse().ok());
        assert_eq!(runtime.metrics().num_workers(), asked.unwrap_or(worker_threads().get()));
        runtime.block_on(async { tokio::time::sleep(std::time::Duration::from_millis(1)).await });
    }
}
