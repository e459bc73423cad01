//! Starts and stops the portal.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, routes::router, state::App};

/// What the portal needs to know to start.
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder for telemetry, and for the catalog unless `database_url` is given.
    pub data: PathBuf,
    /// `postgres://…` for a catalog on PostgreSQL.
    pub database_url: Option<String>,
}

/// A running portal.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Opens the stores, binds the address and serves.
    pub async fn start(settings: ServeSettings) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!("could not listen on {}; choose another with --listen", settings.listen)
        })?;
        let address = listener.local_addr().context("the listener has no address")?;
        let app = App::new(Clock::system());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving =
            tokio::spawn(
                async move { axum::serve(listener, router(app)).with_graceful_shutdown(stopped).await },
            );
        Ok(Self { address, stop, serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Finishes what runs, closes the stores and returns.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the server did not end well");
        }
    }
}
