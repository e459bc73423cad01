//! The agent's own thread with its own runtime: the host may have any runtime or none.

mod gathering;
mod naming;
mod pipeline;

use std::{
    io,
    net::TcpListener,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot};

use self::pipeline::Pipeline;
use crate::{
    Handle, admin,
    check_in::Reporter,
    errors::Report,
    export::Client,
    logs,
    shared::Shared,
    trace::{Batch, quiet},
};

/// Of the time that a shutdown may take, this part is kept for the last check-in.
const FOR_GOODBYE: f64 = 0.2;

/// The running thread, from the outside.
#[derive(Debug)]
pub(crate) struct Worker {
    /// Tells the thread to end within this time.
    stop: oneshot::Sender<Duration>,
    /// Hears from the thread once it has ended; disconnected if it is gone.
    stopped: Receiver<()>,
    flush: mpsc::Sender<Flush>,
}

/// What comes from the host's threads.
pub(crate) struct Queues {
    pub(crate) spans: mpsc::Receiver<Batch>,
    pub(crate) lines: mpsc::Receiver<logs::Batch>,
    pub(crate) reports: mpsc::Receiver<Arc<Report>>,
}

/// Asks to send what is waiting.
#[derive(Debug)]
struct Flush {
    deadline: Instant,
    done: SyncSender<()>,
}

impl Worker {
    /// Starts the thread and everything that runs on it.
    pub(crate) fn start(
        shared: Arc<Shared>,
        client: Client,
        queues: Queues,
        admin_listener: Option<TcpListener>,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, told_to_stop) = oneshot::channel();
        let (ended, stopped) = sync_channel(1);
        let (flush, flushes) = mpsc::channel(16);
        thread::Builder::new().name("seaworthy-agent".into()).spawn(move || {
            // Otherwise it would trace how it sends its traces.
            quiet::this_thread();
            if let Some(listener) = admin_listener {
                let (handle, token) =
                    (Handle { shared: shared.clone() }, shared.settings.admin_token.clone());
                runtime.spawn(admin::serve(handle, listener, token));
            }
            runtime.block_on(run(shared, client, queues, flushes, told_to_stop));
            // Whatever hangs in there must not keep the thread.
            runtime.shutdown_background();
            // Nobody listens any more when the deadline is over.
            let _ = ended.try_send(());
        })?;
        Ok(Self { stop, stopped, flush })
    }

    /// Lets the thread finish its work, but returns after `timeout` whatever happens.
    pub(crate) fn stop(self, timeout: Duration) {
        if self.stop.send(timeout).is_ok() {
            // A timeout and a thread that is gone mean the same here: there is nothing more to wait for.
            let _ = self.stopped.recv_timeout(timeout);
        }
    }

    /// Asks to send what is waiting until `deadline`. What comes back hears when it is done, and is disconnected when it
    /// cannot be.
    pub(crate) fn flush(&self, deadline: Instant) -> Receiver<()> {
        let (done, is_done) = sync_channel(1);
        // Too many wait already: then this one is disconnected at once.
        let _ = self.flush.try_send(Flush { deadline, done });
        is_done
    }
}

/// Everything that runs in the background, until the agent is told to stop.
async fn run(
    shared: Arc<Shared>,
    client: Client,
    queues: Queues,
    mut flushes: mpsc::Receiver<Flush>,
    told_to_stop: oneshot::Receiver<Duration>,
) {
    let reporter = shared.settings.endpoints.check_in.clone();
    let reporter = reporter.map(|endpoint| Arc::new(Reporter::new(shared.clone(), client.clone(), endpoint)));
    let checking_in = reporter.clone().map(|reporter| tokio::spawn(async move { reporter.run().await }));
    let mut pipeline = Pipeline::start(shared.clone(), &client, queues);
    let timeout = tokio::select! {
        // An error says that the guard is gone without a word.
        timeout = told_to_stop => timeout.unwrap_or(shared.settings.shutdown_timeout),
        () = pipeline.run(&mut flushes) => shared.settings.shutdown_timeout,
    };
    let end = tokio::time::Instant::now() + timeout;
    if let Some(task) = checking_in {
        task.abort();
    }
    pipeline.finish(end - timeout.mul_f64(FOR_GOODBYE)).await;
    if let Some(reporter) = reporter {
        // Nobody hears it: then the portal finds out by itself.
        let _ = tokio::time::timeout_at(end, reporter.say_goodbye()).await;
    }
}
