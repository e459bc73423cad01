//! Silences: time in which alerts are not told, though they fire.

use jiff::Timestamp;
use seaworthy_catalog::Silence;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{problem::Problem, state::App};

/// Silences that are over, listed at most.
const PAST: u64 = 50;

/// All silences.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SilencesView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Those in force and those to come, earliest beginning first.
    pub(crate) silences: Vec<SilenceView>,
    /// Those that are over, latest end first.
    pub(crate) past: Vec<SilenceView>,
}

/// A silence.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SilenceView {
    /// Its id.
    pub(crate) id: i64,
    /// The service whose alerts it keeps; none for all.
    pub(crate) service: Option<String>,
    /// The SLO whose alerts it keeps; none for all.
    pub(crate) slo: Option<String>,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) starts_at: Timestamp,
    /// The first moment at which alerts are told again.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) ends_at: Timestamp,
    /// Why.
    pub(crate) reason: String,
    /// Whether it is in force.
    pub(crate) is_now: bool,
    /// How who made it signs in.
    pub(crate) created_by: String,
}

/// Loads all silences.
pub(crate) async fn load(app: &App) -> Result<SilencesView, Problem> {
    let now = app.clock().now();
    let view = |silence: &Silence| SilenceView::of(silence, now);
    Ok(SilencesView {
        as_of: now,
        silences: app.catalog().silences(now).await?.iter().map(view).collect(),
        past: app.catalog().past_silences(now, PAST).await?.iter().map(view).collect(),
    })
}

impl SilenceView {
    /// A silence of the catalog.
    pub(super) fn of(silence: &Silence, now: Timestamp) -> Self {
        let definition = &silence.definition;
        Self {
            id: silence.id,
            service: definition.service.clone(),
            slo: definition.slo.clone(),
            starts_at: definition.starts_at,
            ends_at: definition.ends_at,
            reason: definition.reason.clone(),
            is_now: (definition.starts_at..definition.ends_at).contains(&now),
            created_by: silence.created_by.clone(),
        }
    }

    /// Whether it keeps the alerts of this service and SLO.
    pub(super) fn covers(&self, service: &str, slo: Option<&str>) -> bool {
        self.service.as_deref().is_none_or(|only| only == service)
            && self.slo.as_deref().is_none_or(|only| Some(only) == slo)
    }

    /// What it keeps silent, in words.
    pub(crate) fn what(&self) -> String {
        match (&self.service, &self.slo) {
            (None, None) => "every alert".to_owned(),
            (Some(service), None) => format!("every alert of {service}"),
            (None, Some(slo)) => format!("the SLO {slo}"),
            (Some(service), Some(slo)) => format!("the SLO {slo} of {service}"),
        }
    }
}
