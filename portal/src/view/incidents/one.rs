//! One incident.

use jiff::Timestamp;
use seaworthy_records::{ActionItem, Context, Entry as TimelineEntry, Incident};
use serde::Serialize;
use utoipa::ToSchema;

use super::IncidentLine;
use crate::{
    alerts::Details,
    problem::Problem,
    records::{self, Entry},
    state::App,
    view::runbooks::{
        self,
        run::{self, Cause, RunLine},
    },
};

/// An incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IncidentView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// In short.
    #[serde(flatten)]
    pub(crate) line: IncidentLine,
    /// Which version of it this is.
    pub(crate) version: i64,
    /// The alert that it was opened from, as far as it is kept.
    pub(crate) alert: Option<Cause>,
    /// What happened, in order of time: `at`, `by` and `text` of each.
    #[schema(value_type = Vec<Object>)]
    pub(crate) timeline: Vec<TimelineEntry>,
    /// What is to be done so that it does not come again: `text`, `owner`, `due` and `done_at` of each.
    #[schema(value_type = Vec<Object>)]
    pub(crate) action_items: Vec<ActionItem>,
    /// What was learnt, in Markdown.
    pub(crate) postmortem: String,
    /// Runs of runbooks for it, latest first.
    pub(crate) runs: Vec<RunLine>,
    /// Runbooks of its service, and of all services.
    pub(crate) runbooks: Vec<RunbookLink>,
}

/// A runbook that could be followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RunbookLink {
    /// Its page.
    pub(crate) href: String,
    /// What it is called.
    pub(crate) title: String,
}

/// Loads an incident.
pub(crate) async fn load(app: &App, id: i64) -> Result<IncidentView, Problem> {
    let entry = entry(app, id).await?;
    let alert = match entry.body.alert {
        Some(alert) => run::cause(app, &Context::Alert { id: alert }).await?,
        None => None,
    };
    let runbooks = runbooks::paths(app, &entry.service).await?;
    let Incident { mut timeline, action_items, postmortem, .. } = entry.body.clone();
    timeline.sort_by_key(|entry| entry.at);
    Ok(IncidentView {
        as_of: app.clock().now(),
        line: IncidentLine::of(&entry),
        version: entry.version,
        alert,
        timeline,
        action_items,
        postmortem,
        runs: run::of_context(app, &Context::Incident { id }).await?,
        runbooks: runbooks.into_iter().map(|(href, title)| RunbookLink { href, title }).collect(),
    })
}

/// An incident as it stands, for forms.
pub(crate) async fn entry(app: &App, id: i64) -> Result<Entry<Incident>, Problem> {
    records::find(app, id).await
}

/// An alert that an incident is opened from: its title, service and beginning.
pub(crate) async fn alert(app: &App, id: i64) -> Result<(String, String, Timestamp), Problem> {
    let alert = app.catalog().alert(id).await?.ok_or_else(|| {
        Problem::not_found(format!("There is no alert {id}"), "Declare the incident without it.")
    })?;
    Ok((Details::of(&alert).title, alert.origin.service.clone(), alert.origin.started_at))
}
