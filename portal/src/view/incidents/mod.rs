//! Incidents: what went wrong, and what is done about it.

pub(crate) mod one;

use jiff::Timestamp;
use seaworthy_records::{DetectedBy, Incident, Severity};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    fleet,
    records::{ListFilter, service_of},
};
use crate::{
    problem::Problem,
    records::{self, Entry},
    state::App,
};

/// Incidents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IncidentsView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Those that are not over, the worst first.
    pub(crate) open: Vec<IncidentLine>,
    /// Those that are over, latest first.
    pub(crate) over: Vec<IncidentLine>,
    /// The services that are known.
    pub(crate) services: Vec<String>,
}

/// An incident in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IncidentLine {
    /// Its id.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) title: String,
    /// The service that it is of; none for all.
    pub(crate) service: Option<String>,
    /// `sev1` to `sev4`.
    #[schema(value_type = String)]
    pub(crate) severity: Severity,
    /// Who leads.
    pub(crate) commander: Option<String>,
    /// `alert`, `user` or `other`.
    #[schema(value_type = String)]
    pub(crate) detected_by: DetectedBy,
    /// When it began to hurt.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    /// When it was over; none while it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) resolved_at: Option<Timestamp>,
    /// Action items that are still to be done.
    pub(crate) open_items: usize,
    /// Whether a postmortem was written.
    pub(crate) has_postmortem: bool,
}

/// Loads incidents.
pub(crate) async fn load(app: &App, filter: &ListFilter) -> Result<IncidentsView, Problem> {
    let incidents = records::list::<Incident>(app, filter.asked()).await?;
    let wanted = incidents.iter().filter(|entry| filter.admits(entry)).map(IncidentLine::of);
    let (mut open, over): (Vec<_>, Vec<_>) = wanted.partition(|line| line.resolved_at.is_none());
    open.sort_by_key(|line| (line.severity, line.started_at));
    Ok(IncidentsView { as_of: app.clock().now(), open, over, services: fleet::named(app, "").await? })
}

/// The latest incident that was opened from an alert.
pub(crate) async fn of_alert(app: &App, alert: i64) -> Result<Option<i64>, Problem> {
    let incidents = records::list::<Incident>(app, ListFilter::default().asked()).await?;
    Ok(incidents.iter().find(|entry| entry.body.alert == Some(alert)).map(|entry| entry.id))
}

impl IncidentLine {
    /// In short.
    pub(crate) fn of(entry: &Entry<Incident>) -> Self {
        let incident = &entry.body;
        Self {
            id: entry.id,
            title: entry.title.clone(),
            service: service_of(&entry.service),
            severity: incident.severity,
            commander: incident.commander.clone(),
            detected_by: incident.detected_by,
            started_at: incident.started_at,
            resolved_at: incident.resolved_at,
            open_items: incident.open_items().count(),
            has_postmortem: !incident.postmortem.trim().is_empty(),
        }
    }
}
