//! Waits for the word to stop.

use anyhow::Context;

/// Returns at SIGTERM or Ctrl-C. Each call waits for the next.
pub(crate) async fn asked_to_stop() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("could not wait for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("could not wait for Ctrl-C")?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("could not wait for Ctrl-C")
}
