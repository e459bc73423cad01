//! One runbook: what it says, how it came to say so, and who followed it.

use jiff::Timestamp;
use seaworthy_catalog::RecordVersion;
use seaworthy_records::{Diff, Run, Runbook};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Links, RunbookLine, run::RunLine};
use crate::{
    problem::Problem,
    records::{self, Entry},
    state::App,
    view::records::ListFilter,
};

/// Versions that a page lists, the latest.
const VERSIONS: usize = 50;

/// A runbook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunbookView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// In short.
    #[serde(flatten)]
    pub(crate) line: RunbookLine,
    /// Which version it is.
    pub(crate) version: i64,
    /// What it says, in Markdown.
    pub(crate) markdown: String,
    /// Whether somebody found it right since it was last written.
    pub(crate) is_reviewed: bool,
    /// Its latest versions, latest first.
    pub(crate) versions: Vec<VersionLine>,
    /// Who followed it, latest first.
    pub(crate) runs: Vec<RunLine>,
}

/// A version in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct VersionLine {
    /// Which.
    pub(crate) version: i64,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// How who wrote it signs in.
    pub(crate) by: String,
    /// What was done: `written`, `reviewed`, `3 lines added, 1 removed`.
    pub(crate) what: String,
}

/// Loads a runbook.
pub(crate) async fn load(app: &App, id: i64) -> Result<RunbookView, Problem> {
    let entry = records::find::<Runbook>(app, id).await?;
    let runs = records::list::<Run>(app, ListFilter::default().asked()).await?;
    let (links, now) = (Links::load(app).await?, app.clock().now());
    let versions = app.catalog().record_versions(id).await?;
    let line = RunbookLine::of(&entry, &runs, &links, now);
    let own = runs.iter().filter(|run| run.body.runbook == id);
    Ok(RunbookView {
        as_of: now,
        line,
        version: entry.version,
        is_reviewed: entry.body.reviewed_at.is_some(),
        markdown: entry.body.markdown,
        versions: lines(&versions),
        runs: own.map(RunLine::of).collect(),
    })
}

/// A runbook as it stands, for forms.
pub(crate) async fn entry(app: &App, id: i64) -> Result<Entry<Runbook>, Problem> {
    records::find(app, id).await
}

/// Each with what it changed of the one before, which stands after it.
fn lines(versions: &[RecordVersion]) -> Vec<VersionLine> {
    let bodies: Vec<Option<Runbook>> = versions.iter().take(VERSIONS + 1).map(body).collect();
    let before = |index: usize| bodies.get(index + 1).and_then(Option::as_ref);
    let line = |(index, version): (usize, &RecordVersion)| VersionLine {
        version: version.version,
        at: version.at,
        by: version.by.clone(),
        what: what(before(index), bodies[index].as_ref()),
    };
    versions.iter().take(VERSIONS).enumerate().map(line).collect()
}

/// What a version says; none where another version of the portal wrote it otherwise.
pub(super) fn body(version: &RecordVersion) -> Option<Runbook> {
    serde_json::from_str(&version.definition.body).ok()
}

fn what(before: Option<&Runbook>, after: Option<&Runbook>) -> String {
    let (Some(before), Some(after)) = (before, after) else { return "written".to_owned() };
    let diff = Diff::between(&before.markdown, &after.markdown);
    match (diff.added, diff.removed) {
        (0, 0) if after.reviewed_at.is_some() && after.reviewed_at != before.reviewed_at => {
            "reviewed".to_owned()
        }
        (0, 0) => "renamed".to_owned(),
        (added, removed) => format!("{added} lines added, {removed} removed"),
    }
}
