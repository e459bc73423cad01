//! Starts and stops the portal.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use seaworthy_catalog::Catalog;
use seaworthy_telemetry::{EmbeddedSettings, EmbeddedStore, Telemetry};
use tokio::{
    net::TcpListener,
    sync::Mutex,
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    alerts::{
        OutgoingSettings,
        deliver::{Deliverer, keep_delivering},
    },
    clock::Clock,
    folder::DataFolder,
    objectives::{Evaluator, keep_evaluating},
    readiness::keep_assessing,
    routes::router,
    state::{App, AppSettings},
    upkeep::keep_up,
    uptime::{Prober, keep_probing},
};

/// Requests that still run after so long are cut off. Kubernetes kills 30 s after it has asked.
const DEADLINE: Duration = Duration::from_secs(20);

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
    /// Where messages may be sent, and how.
    pub outgoing: OutgoingSettings,
}

/// A running portal.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    app: App,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    upkeep: JoinHandle<()>,
    evaluator: Arc<Mutex<Evaluator>>,
    evaluation: JoinHandle<()>,
    assessment: JoinHandle<()>,
    prober: Arc<Mutex<Prober>>,
    probing: JoinHandle<()>,
    deliverer: Arc<Mutex<Deliverer>>,
    delivery: JoinHandle<()>,
    _folder: DataFolder,
}

impl Server {
    /// Opens the stores, binds the address and serves.
    pub async fn start(settings: ServeSettings) -> anyhow::Result<Self> {
        Self::start_by(settings, Clock::system()).await
    }

    /// The same, by a clock that a test drives.
    pub async fn start_by(settings: ServeSettings, clock: Clock) -> anyhow::Result<Self> {
        let folder = DataFolder::hold(&settings.data)?;
        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!("could not listen on {}; choose another address with --listen", settings.listen)
        })?;
        let address = listener.local_addr().context("the listener has no address")?;
        let catalog = open_catalog(&settings, &folder).await?;
        let telemetry = open_telemetry(&folder).await?;
        let app = App::new(catalog, telemetry, clock, settings.for_app(address));
        let evaluator = Arc::new(Mutex::new(Evaluator::new(app.clone())));
        let stop = CancellationToken::new();
        let deliverer = Arc::new(Mutex::new(Deliverer::new(app.clone(), stop.clone())));
        let prober = Arc::new(Mutex::new(Prober::default()));
        let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
        Ok(Self {
            address,
            serving: tokio::spawn(async move { serving.await }),
            upkeep: tokio::spawn(keep_up(app.clone())),
            evaluation: tokio::spawn(keep_evaluating(evaluator.clone())),
            evaluator,
            assessment: tokio::spawn(keep_assessing(app.clone())),
            probing: tokio::spawn(keep_probing(prober.clone(), app.clone())),
            prober,
            delivery: tokio::spawn(keep_delivering(deliverer.clone(), stop.clone())),
            deliverer,
            stop,
            app,
            _folder: folder,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a browser finds it: the public URL, or the address.
    pub fn url(&self) -> String {
        self.app.settings().portal_url()
    }

    /// What its handlers reach.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Evaluates every SLO now, as the server does by itself every minute.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn evaluate(&self) -> anyhow::Result<()> {
        self.evaluator.lock().await.round().await
    }

    /// Assesses how ready every service is now, as the server does by itself every minute.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn assess(&self) -> anyhow::Result<()> {
        self.app.assessor().await.round(&self.app).await
    }

    /// Asks every service that has a URL whether it answers, as the server does by itself every minute.
    ///
    /// # Errors
    /// When the catalog does not answer.
    pub async fn probe(&self) -> anyhow::Result<()> {
        self.prober.lock().await.round(&self.app).await
    }

    /// Delivers every message that is due now, as the server does by itself every two seconds.
    ///
    /// # Errors
    /// When the catalog does not answer.
    pub async fn deliver(&self) -> anyhow::Result<()> {
        self.deliverer.lock().await.round().await
    }

    /// Where the first admin is made, with a new one-time code; none once there is an admin.
    pub async fn set_up_url(&self) -> anyhow::Result<Option<String>> {
        if !self.app.catalog().needs_set_up().await? {
            return Ok(None);
        }
        let code = self.app.door().set_up_code.renew().context("the system gives no random bytes")?;
        Ok(Some(format!("{}/set-up?code={code}", self.url())))
    }

    /// Takes no more requests, finishes those that run, within 20 s, closes the stores and returns.
    pub async fn stop(self) {
        self.stop.cancel();
        self.upkeep.abort();
        self.evaluation.abort();
        self.evaluator.lock().await.leave().await;
        self.assessment.abort();
        self.app.assessor().await.leave(&self.app).await;
        self.probing.abort();
        self.prober.lock().await.leave(&self.app).await;
        let serving = self.serving.abort_handle();
        match timeout(DEADLINE, self.serving).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::error!(%error, "the server did not end well"),
            Ok(Err(error)) => tracing::error!(%error, "the server did not end well"),
            Err(_) => {
                tracing::warn!("requests still run after {} s and are cut off", DEADLINE.as_secs());
                serving.abort();
            }
        }
        // What is under way is noted, or it would be sent twice. It takes less than the requests may.
        if timeout(DEADLINE, self.delivery).await.is_err() {
            tracing::warn!("messages are still under way and are sent once more by the next portal");
        }
        self.app.telemetry().close().await;
        self.app.catalog().close().await;
    }
}

impl ServeSettings {
    /// What handlers need to know of a portal that listens there.
    fn for_app(self, address: SocketAddr) -> AppSettings {
        let Self { public_url, trust_proxy, retention_days, outgoing, .. } = self;
        AppSettings { public_url, address, trust_proxy, retention_days, outgoing }
    }
}

async fn open_catalog(settings: &ServeSettings, folder: &DataFolder) -> anyhow::Result<Catalog> {
    match &settings.database_url {
        Some(url) => Catalog::open(url).await.context("--database-url cannot be used"),
        None => {
            let url = format!("sqlite://{}", folder.join("catalog.db").display());
            Catalog::open(&url).await.context("the data folder cannot be used")
        }
    }
}

async fn open_telemetry(folder: &DataFolder) -> anyhow::Result<Arc<dyn Telemetry>> {
    let folder = folder.join("telemetry");
    let opened = spawn_blocking(move || EmbeddedStore::open(&folder, EmbeddedSettings::default())).await;
    let store =
        opened.context("could not open the telemetry store")?.context("the data folder cannot be used")?;
    Ok(Arc::new(store))
}
