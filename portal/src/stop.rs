//! Waits for the word to stop.

use anyhow::Context;

/// Whoever asks the process to stop: SIGTERM, Ctrl-C, or a terminal that goes away.
///
/// From [`AskedToStop::listen`] on none of them ends the process by itself, and none is missed.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct AskedToStop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl AskedToStop {
    /// Begins to listen.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = (!ignores_hang_up()).then(|| signal(SignalKind::hangup())).transpose();
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("could not wait for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("could not wait for Ctrl-C")?,
            hang_up: hang_up.context("could not wait for SIGHUP")?,
        })
    }

    /// Returns when asked; each call waits for the next time.
    pub(crate) async fn next(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hang_up => {}
        }
    }
}

/// Whoever starts the process with `nohup` wants it to outlive the terminal.
#[cfg(target_os = "linux")]
fn ignores_hang_up() -> bool {
    const SIGHUP_BIT: u64 = 1;
    let status = procfs::process::Process::myself().and_then(|myself| myself.status());
    status.is_ok_and(|status| status.sigign & SIGHUP_BIT != 0)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn ignores_hang_up() -> bool {
    false
}

/// Elsewhere there is only Ctrl-C.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct AskedToStop;

#[cfg(not(unix))]
impl AskedToStop {
    pub(crate) fn listen() -> anyhow::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
