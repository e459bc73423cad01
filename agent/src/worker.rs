//! The agent's own thread with its own runtime: the host may have any runtime or none.

use std::{
    io,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use crate::shared::Shared;

/// The running thread, from the outside.
#[derive(Debug)]
pub(crate) struct Worker {
    /// Tells the thread to end within this time.
    stop: oneshot::Sender<Duration>,
    /// Hears from the thread once it has ended; disconnected if it is gone.
    stopped: mpsc::Receiver<()>,
}

impl Worker {
    /// Starts the thread and everything that runs on it.
    pub(crate) fn start(shared: Arc<Shared>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, told_to_stop) = oneshot::channel();
        let (ended, stopped) = mpsc::sync_channel(1);
        thread::Builder::new().name("seaworthy-agent".into()).spawn(move || {
            runtime.block_on(run(shared, told_to_stop));
            // Whatever hangs in there must not keep the thread.
            runtime.shutdown_background();
            // Nobody listens any more when the deadline is over.
            let _ = ended.try_send(());
        })?;
        Ok(Self { stop, stopped })
    }

    /// Lets the thread finish its work, but returns after `timeout` whatever happens.
    pub(crate) fn stop(self, timeout: Duration) {
        if self.stop.send(timeout).is_ok() {
            // A timeout and a thread that is gone mean the same here: there is nothing more to wait for.
            let _ = self.stopped.recv_timeout(timeout);
        }
    }
}

/// Everything that runs in the background, until the agent is told to stop.
async fn run(_shared: Arc<Shared>, told_to_stop: oneshot::Receiver<Duration>) {
    // An error says that the guard is gone without a word, which ends the agent as well.
    let _ = told_to_stop.await;
}
