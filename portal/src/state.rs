//! What every handler can reach.

use std::{fmt, net::SocketAddr, sync::Arc};

use seaworthy_catalog::{Catalog, Passwords};
use seaworthy_telemetry::Telemetry;
use tokio::sync::{Mutex, MutexGuard};
use url::Url;

use crate::{
    alerts::{OutgoingSettings, outgoing::Outgoing},
    auth::{SetUpCode, Throttle},
    capacity::Forecasts,
    clock::Clock,
    ingest::Intake,
    readiness::{Assessor, WorkCounts},
};

/// The running portal, shared by all handlers. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    catalog: Catalog,
    telemetry: Arc<dyn Telemetry>,
    clock: Clock,
    settings: AppSettings,
    door: Door,
    intake: Intake,
    outgoing: Outgoing,
    assessor: Mutex<Assessor>,
    work_counts: WorkCounts,
    forecasts: Forecasts,
}

/// What guards the doors: kept in memory, and new with every start.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) passwords: Passwords,
    pub(crate) set_up_code: SetUpCode,
    /// Counts by sign-in name, known or not.
    pub(crate) names: Throttle,
    /// Counts by address; more may be behind one.
    pub(crate) addresses: Throttle,
}

/// What handlers need to know of how the portal was started.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// Where people and agents reach the portal, as far as whoever runs it has said. `https` makes cookies `Secure`.
    pub public_url: Option<Url>,
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether a proxy before the portal writes `X-Forwarded-For`.
    pub trust_proxy: bool,
    /// Days for which telemetry is kept.
    pub retention_days: u32,
    /// Where messages may be sent, and how.
    pub outgoing: OutgoingSettings,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            address: SocketAddr::from(([127, 0, 0, 1], 4680)),
            trust_proxy: false,
            retention_days: 14,
            outgoing: OutgoingSettings::default(),
        }
    }
}

impl AppSettings {
    /// Whether people reach the portal under TLS.
    pub fn under_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }

    /// Where a browser finds the portal, without a slash at the end: the public URL, or the address.
    pub fn portal_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.address),
        }
    }
}

impl App {
    /// A portal on these stores, which tells the time by `clock`.
    pub fn new(catalog: Catalog, telemetry: Arc<dyn Telemetry>, clock: Clock, settings: AppSettings) -> Self {
        let door = Door {
            passwords: Passwords::default(),
            set_up_code: SetUpCode::default(),
            names: Throttle::new(5),
            addresses: Throttle::new(20),
        };
        let (intake, outgoing) = (Intake::default(), Outgoing::new(&settings.outgoing));
        Self(Arc::new(Shared {
            catalog,
            telemetry,
            clock,
            settings,
            door,
            intake,
            outgoing,
            assessor: Mutex::default(),
            work_counts: WorkCounts::default(),
            forecasts: Forecasts::default(),
        }))
    }

    /// What people enter, and what checks in.
    pub fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// What machines send.
    pub fn telemetry(&self) -> &dyn Telemetry {
        &*self.0.telemetry
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The memory that bodies of telemetry may take.
    pub(crate) fn intake(&self) -> &Intake {
        &self.0.intake
    }

    /// What sends messages.
    pub(crate) fn outgoing(&self) -> &Outgoing {
        &self.0.outgoing
    }

    /// What judges services, once nobody else has it do so.
    pub(crate) async fn assessor(&self) -> MutexGuard<'_, Assessor> {
        self.0.assessor.lock().await
    }

    /// How much everybody has to see to.
    pub(crate) fn work_counts(&self) -> &WorkCounts {
        &self.0.work_counts
    }

    /// Where the resources of services lead.
    pub(crate) fn forecasts(&self) -> &Forecasts {
        &self.0.forecasts
    }

    /// How the portal was started.
    pub fn settings(&self) -> &AppSettings {
        &self.0.settings
    }

    /// What guards the doors.
    pub(crate) fn door(&self) -> &Door {
        &self.0.door
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("settings", self.settings()).finish_non_exhaustive()
    }
}
