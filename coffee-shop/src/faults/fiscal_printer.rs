//! A blocked worker: a task that waits for a device without letting others run on its thread.

use std::{thread, time::Duration};

use tokio::time::interval;

const SLOW_DEVICE: Duration = Duration::from_millis(400);
const BETWEEN: Duration = Duration::from_secs(2);

/// A task that blocks the thread on which it runs now and then. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct FiscalPrinter {
    _task: seaworthy_agent::tasks::JoinSet<()>,
}

impl FiscalPrinter {
    pub(super) fn begin() -> Self {
        let mut task = seaworthy_agent::tasks::JoinSet::new();
        task.spawn_named("print for the tax office", async {
            let mut ticks = interval(BETWEEN);
            loop {
                ticks.tick().await;
                wait_for_the_printer();
            }
        });
        Self { _task: task }
    }
}

/// The mistake: asynchronous code must not sleep like this.
#[inline(never)]
fn wait_for_the_printer() {
    thread::sleep(SLOW_DEVICE);
}
