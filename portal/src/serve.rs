//! Starts and stops the portal.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::Context;
use seaworthy_catalog::Catalog;
use seaworthy_telemetry::Telemetry;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    clock::Clock,
    routes::router,
    state::{App, AppSettings},
};

/// What the portal needs to know to start.
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder for telemetry, and for the catalog unless `database_url` is given.
    pub data: PathBuf,
    /// `postgres://…` for a catalog on PostgreSQL.
    pub database_url: Option<String>,
    /// Where people and agents reach the portal. `https` makes cookies `Secure`.
    pub public_url: Option<Url>,
    /// Whether a proxy before the portal writes `X-Forwarded-For`.
    pub trust_proxy: bool,
    /// Days for which telemetry is kept.
    pub retention_days: u32,
}

/// A running portal.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    app: App,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Opens the stores, binds the address and serves.
    pub async fn start(
        settings: ServeSettings,
        telemetry: Arc<dyn Telemetry>,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!("could not listen on {}; choose another with --listen", settings.listen)
        })?;
        let address = listener.local_addr().context("the listener has no address")?;
        let catalog = open_catalog(&settings).await?;
        let app_settings = AppSettings {
            public_url: settings.public_url,
            trust_proxy: settings.trust_proxy,
            retention_days: settings.retention_days,
        };
        let app = App::new(catalog, telemetry, clock, app_settings);
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let router = router(app.clone());
        let serving =
            tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
        Ok(Self { address, app, stop, serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its handlers reach.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Finishes what runs, closes the stores and returns.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the server did not end well");
        }
        self.app.telemetry().close().await;
        self.app.catalog().close().await;
    }
}

async fn open_catalog(settings: &ServeSettings) -> anyhow::Result<Catalog> {
    let url = match &settings.database_url {
        Some(url) => url.clone(),
        None => {
            std::fs::create_dir_all(&settings.data)
                .with_context(|| format!("could not make the folder {}", settings.data.display()))?;
            format!("sqlite://{}", settings.data.join("catalog.db").display())
        }
    };
    Ok(Catalog::open(&url).await?)
}
