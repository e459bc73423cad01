//! Takes a drain through its phases, on a thread of its own: neither a busy runtime nor a missing one delays it.

use std::{
    io,
    process::exit,
    sync::{
        Arc, Weak,
        atomic::Ordering::Relaxed,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tokio::time::{sleep, sleep_until, timeout};

use super::{Drain, Phase};
use crate::Handle;

/// From the deadline until the process is ended if nobody else ends it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shutting down.
impl Handle {
    /// Ends when the service should stop accepting requests: some time (1 s by default, see
    /// [`Builder::drain_delay`](crate::Builder::drain_delay)) after SIGTERM or SIGINT, or [`Handle::shut_down`].
    ///
    /// From the first call on the agent listens to these signals. The first one makes the instance not ready; a second
    /// one ends the process at once. A process that is still there at the deadline (25 s by default, see
    /// [`Builder::drain_deadline`](crate::Builder::drain_deadline)) is ended, after a last report to the portal.
    ///
    /// ```no_run
    /// # async fn serve(agent: seaworthy_agent::Agent, listener: tokio::net::TcpListener, router: axum::Router) {
    /// axum::serve(listener, router).with_graceful_shutdown(agent.shutdown_signal()).await
    /// # .ok(); }
    /// ```
    ///
    /// [`Handle::serve`] does the same in one line, and breaks off at the deadline only what still runs.
    pub fn shutdown_signal(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.shared.observed.runtime();
        self.conduct_drain();
        self.shared.drain.reached(Phase::Closing)
    }

    /// Requests that have begun and not ended, over all servers that the agent measures.
    pub fn requests_in_flight(&self) -> u64 {
        self.shared.in_flight.count()
    }

    /// Begins the drain, as SIGTERM does.
    pub fn shut_down(&self) {
        self.conduct_drain();
        self.shared.drain.begin();
    }

    /// Starts the thread that takes the drain through its phases, unless it is there.
    pub(super) fn conduct_drain(&self) {
        let drain = &self.shared.drain;
        if drain.conducted.swap(true, Relaxed) {
            return;
        }
        let (listening, is_listening) = sync_channel(1);
        let (drain, last_words) = (Arc::downgrade(drain), self.last_words());
        let conductor = move || conduct(&drain, last_words, &listening);
        let started = thread::Builder::new().name("seaworthy-drain".into()).spawn(conductor);
        // An error says that the thread is gone, which comes to the same as one that never started.
        if started.is_err() || !is_listening.recv().unwrap_or(false) {
            tracing::error!(target: "seaworthy", "cannot listen to signals: SIGTERM ends the process without a drain");
        }
    }

    /// Sends what is waiting and the last check-in, when nobody is left to drop the guard.
    fn last_words(&self) -> impl FnOnce() + Send + 'static + use<> {
        let shared = Arc::downgrade(&self.shared);
        move || {
            if let Some(shared) = shared.upgrade() {
                shared.stop();
            }
        }
    }
}

fn conduct(drain: &Weak<Drain>, last_words: impl FnOnce(), listening: &SyncSender<bool>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let signals = Signals::listen();
        // Nobody waits any more only if the process is about to end.
        let _ = listening.send(signals.is_ok());
        let Ok(mut signals) = signals else { return };
        tokio::select! {
            () = signals.next() => {}
            () = reached(drain, Phase::Draining) => {}
        }
        if let Some(drain) = drain.upgrade() {
            drain.begin();
        }
        tokio::select! {
            () = signals.next() => exit(signals.exit_code()),
            () = take_through(drain, last_words) => {}
        }
        // The agent is gone but the handlers stay; without this the process would be deaf to Ctrl-C.
        signals.next().await;
        exit(signals.exit_code());
    });
}

/// Ends when the agent is gone; ends the process when it does not go.
async fn take_through(drain: &Weak<Drain>, last_words: impl FnOnce()) {
    let Some((terms, begun)) = drain.upgrade().map(|drain| (drain.terms, drain.begin())) else { return };
    sleep(terms.delay.saturating_sub(begun.at.elapsed())).await;
    reach(drain, Phase::Closing);
    tokio::select! {
        () = reached(drain, Phase::Over) => return,
        () = sleep_until((begun.at + terms.deadline).into()) => reach(drain, Phase::Expired),
    }
    if timeout(PATIENCE, reached(drain, Phase::Stopping)).await.is_err() {
        tracing::error!(target: "seaworthy", "the process did not end within its drain deadline: ending it");
        last_words();
        exit(1);
    }
    if timeout(terms.flush + PATIENCE, reached(drain, Phase::Over)).await.is_err() {
        exit(1);
    }
}

fn reach(drain: &Weak<Drain>, phase: Phase) {
    if let Some(drain) = drain.upgrade() {
        drain.reach(phase);
    }
}

async fn reached(drain: &Weak<Drain>, phase: Phase) {
    if let Some(reached) = drain.upgrade().map(|drain| drain.reached(phase)) {
        reached.await;
    }
}

/// The signals that ask a process to end.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    last: i32,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt, last: 0 })
    }

    async fn next(&mut self) {
        use tokio::signal::unix::SignalKind;
        let kind = tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        };
        self.last = kind.as_raw_value();
    }

    /// As a shell shows a process that died of the signal.
    fn exit_code(&self) -> i32 {
        128 + self.last
    }
}

/// Elsewhere there is only Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn exit_code(&self) -> i32 {
        130
    }
}
