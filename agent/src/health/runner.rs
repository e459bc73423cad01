//! The thread on which the checks run.

use std::{io, sync::Arc, thread, time::Instant};

use jiff::Timestamp;
use seaworthy_protocol::CheckResult;
use tokio::{
    sync::watch,
    task::{JoinError, LocalSet, spawn_local},
    time::{sleep, timeout},
};

use super::{HealthCheck, watched::Watched};
use crate::trace::quiet;

/// Runs the checks until told to stop.
pub(crate) fn start(
    checks: Vec<(Arc<Watched>, HealthCheck)>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("seaworthy-checks".into()).spawn(move || {
        // Traces of checks would only bury those of requests.
        quiet::this_thread();
        let tasks = LocalSet::new();
        for (watched, check) in checks {
            tasks.spawn_local(run_again_and_again(watched, check));
        }
        // An error says that the agent is gone.
        let stopped = async { stop.wait_for(|stop| *stop).await.is_ok() };
        tasks.block_on(&runtime, stopped);
        drop(tasks);
        runtime.shutdown_background();
    })?;
    Ok(())
}

async fn run_again_and_again(watched: Arc<Watched>, check: HealthCheck) {
    loop {
        watched.begin(Instant::now());
        let result = run(&check).await;
        watched.end(Instant::now(), Timestamp::now(), result);
        sleep(check.interval).await;
    }
}

/// In a task of its own: a panic ends that one alone.
async fn run(check: &HealthCheck) -> CheckResult {
    let begin = std::panic::AssertUnwindSafe(|| (check.run)());
    let Ok(future) = std::panic::catch_unwind(begin) else { return fail("the check panicked") };
    let mut task = spawn_local(future);
    match timeout(check.timeout, &mut task).await {
        Ok(Ok(Ok(()))) => CheckResult::Pass,
        Ok(Ok(Err(reason))) => fail(reason),
        Ok(Err(error)) => fail(panic_message(error)),
        Err(_) => {
            task.abort();
            fail(format!("timed out after {:?}", check.timeout))
        }
    }
}

fn panic_message(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "the check was cancelled".to_owned() };
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    match text {
        Some(text) => format!("the check panicked: {text}"),
        None => "the check panicked".to_owned(),
    }
}

fn fail(reason: impl Into<String>) -> CheckResult {
    CheckResult::Fail { reason: reason.into() }
}
