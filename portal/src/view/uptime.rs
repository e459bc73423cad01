//! How the portal's own probe of a service's URL went.

use jiff::Timestamp;
use seaworthy_catalog::UptimeProbe;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{problem::Problem, state::App};

/// How the latest probe went. The URL itself may be a secret, and is not told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UptimeView {
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// Whether it was answered with 2xx or 3xx.
    pub(crate) answered: bool,
    /// The status that was answered, if any was.
    pub(crate) status: Option<u16>,
    /// Milliseconds until the answer began, or was given up.
    pub(crate) took_ms: u64,
    /// Why it does not count as answered.
    pub(crate) error: Option<String>,
    /// When the first of the probes was that have not been answered since.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) failing_since: Option<Timestamp>,
}

/// Of a service; none where the URL that it has now, if any, was not asked for yet.
pub(crate) async fn load(app: &App, service: &str) -> Result<Option<UptimeView>, Problem> {
    Ok(app.catalog().uptime_probe(service).await?.map(UptimeView::from))
}

impl From<UptimeProbe> for UptimeView {
    fn from(probe: UptimeProbe) -> Self {
        let UptimeProbe { service: _, url: _, at, answered, status, took_ms, error, failing_since } = probe;
        Self { at, answered, status, took_ms, error, failing_since }
    }
}
