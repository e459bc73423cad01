//! Runbooks: what to do when something is wrong.

mod links;
pub(crate) mod one;
pub(crate) mod run;
pub(crate) mod version;

use jiff::{SignedDuration, Timestamp};
use seaworthy_records::{Run, Runbook};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use links::{LinkedFrom, Links, here};

use super::{
    fleet,
    records::{ListFilter, service_of},
};
use crate::{
    problem::Problem,
    records::{self, Entry},
    state::App,
};

/// A runbook that nobody has found right for so long is to be looked at again.
pub(crate) const REVIEW_DAYS: i64 = 180;

/// Runbooks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunbooksView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The runbooks, the longest unreviewed first.
    pub(crate) runbooks: Vec<RunbookLine>,
    /// The services that are known.
    pub(crate) services: Vec<String>,
}

/// A runbook in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunbookLine {
    /// Its id.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) title: String,
    /// The service that it is of; none for all.
    pub(crate) service: Option<String>,
    /// When somebody last wrote it, or found it right as it is.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) reviewed_at: Timestamp,
    /// How they sign in.
    pub(crate) reviewed_by: String,
    /// Whether that is more than 180 days ago.
    pub(crate) review_due: bool,
    /// How often it was followed.
    pub(crate) runs: usize,
    /// When it was last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_run_at: Option<Timestamp>,
    /// Where it is linked from.
    pub(crate) linked_from: Vec<LinkedFrom>,
}

/// The paths of the runbooks that an SLO of a service may link, each with its title.
pub(crate) async fn paths(app: &App, service: &str) -> Result<Vec<(String, String)>, Problem> {
    let filter = ListFilter { service: service.trim().to_owned(), ..ListFilter::default() };
    let runbooks = records::list::<Runbook>(app, filter.asked()).await?;
    Ok(runbooks.into_iter().map(|runbook| (runbook.page(), runbook.title)).collect())
}

/// Loads runbooks.
pub(crate) async fn load(app: &App, filter: &ListFilter) -> Result<RunbooksView, Problem> {
    let runbooks = records::list::<Runbook>(app, filter.asked()).await?;
    let runs = records::list::<Run>(app, ListFilter::default().asked()).await?;
    let (links, now) = (Links::load(app).await?, app.clock().now());
    let wanted = runbooks.iter().filter(|entry| filter.admits(entry));
    let mut runbooks: Vec<RunbookLine> =
        wanted.map(|entry| RunbookLine::of(entry, &runs, &links, now)).collect();
    runbooks.sort_by_key(|runbook| runbook.reviewed_at);
    Ok(RunbooksView { as_of: now, runbooks, services: fleet::named(app, "").await? })
}

impl RunbookLine {
    fn of(entry: &Entry<Runbook>, runs: &[Entry<Run>], links: &Links, now: Timestamp) -> Self {
        let mut own = runs.iter().filter(|run| run.body.runbook == entry.id);
        let latest = own.next();
        Self {
            id: entry.id,
            title: entry.title.clone(),
            service: service_of(&entry.service),
            reviewed_at: entry.updated_at,
            reviewed_by: entry.updated_by.clone(),
            review_due: entry.updated_at < now - SignedDuration::from_hours(24 * REVIEW_DAYS),
            runs: usize::from(latest.is_some()) + own.count(),
            last_run_at: latest.map(|run| run.body.started_at),
            linked_from: links.to(entry.id),
        }
    }
}
