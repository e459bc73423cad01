//! Work that takes long, on a thread of its own: the runtime that asks may be the host's, and have one thread.

use std::{
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::trace::quiet;

/// How soon work notices that nobody waits for it any more.
const STEP: Duration = Duration::from_millis(50);

/// Whether somebody still waits for the work.
pub(crate) struct Waiting(Weak<()>);

impl Waiting {
    /// Sleeps for so long, or until nobody waits. Says whether somebody does.
    pub(crate) fn sleep(&self, duration: Duration) -> bool {
        let end = Instant::now() + duration;
        while self.0.strong_count() > 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(STEP));
        }
        false
    }
}

/// Runs `work` on a thread of its own. None when the system gives no thread, or the work panicked.
pub(crate) async fn aside<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&Waiting) -> T + Send + 'static,
) -> Option<T> {
    let (done, is_done) = oneshot::channel();
    let waits = Arc::new(());
    let waiting = Waiting(Arc::downgrade(&waits));
    let run = move || {
        quiet::this_thread();
        // Nobody waits any more.
        let _ = done.send(work(&waiting));
    };
    thread::Builder::new().name(name.to_owned()).spawn(run).ok()?;
    let result = is_done.await.ok();
    drop(waits);
    result
}
