//! What every handler can reach.

use std::{fmt, sync::Arc};

use seaworthy_catalog::Catalog;
use seaworthy_telemetry::Telemetry;
use url::Url;

use crate::clock::Clock;

/// The running portal, shared by all handlers. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    catalog: Catalog,
    telemetry: Arc<dyn Telemetry>,
    clock: Clock,
    settings: AppSettings,
}

/// What handlers need to know of how the portal was started.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// Where people and agents reach the portal, as far as whoever runs it has said. `https` makes cookies `Secure`.
    pub public_url: Option<Url>,
    /// Days for which telemetry is kept.
    pub retention_days: u32,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self { public_url: None, retention_days: 14 }
    }
}

impl App {
    /// A portal on these stores, which tells the time by `clock`.
    pub fn new(catalog: Catalog, telemetry: Arc<dyn Telemetry>, clock: Clock, settings: AppSettings) -> Self {
        Self(Arc::new(Shared { catalog, telemetry, clock, settings }))
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

    /// How the portal was started.
    pub fn settings(&self) -> &AppSettings {
        &self.0.settings
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("settings", self.settings()).finish_non_exhaustive()
    }
}
