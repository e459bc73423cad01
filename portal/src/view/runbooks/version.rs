//! One version of a runbook, and what it changed.

use jiff::Timestamp;
use seaworthy_catalog::RecordVersion;
use seaworthy_records::{Diff, Runbook};
use serde::Serialize;
use utoipa::ToSchema;

use super::one::body;
use crate::{problem::Problem, records, state::App, view::records::service_of};

/// A version of a runbook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunbookVersionView {
    /// The runbook.
    pub(crate) id: i64,
    /// What it was called.
    pub(crate) title: String,
    /// The service that it was of; none for all.
    pub(crate) service: Option<String>,
    /// Which version.
    pub(crate) version: i64,
    /// The latest version.
    pub(crate) latest: i64,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// How who wrote it signs in.
    pub(crate) by: String,
    /// What it said, in Markdown.
    pub(crate) markdown: String,
    /// What it changed of the version before; none of the first.
    #[schema(value_type = Option<Object>)]
    pub(crate) diff: Option<Diff>,
}

/// Loads a version of a runbook.
pub(crate) async fn load(app: &App, id: i64, version: i64) -> Result<RunbookVersionView, Problem> {
    let entry = records::find::<Runbook>(app, id).await?;
    let versions = app.catalog().record_versions(id).await?;
    let find = |wanted: i64| -> Option<(&RecordVersion, Runbook)> {
        let found = versions.iter().find(|kept| kept.version == wanted)?;
        Some((found, body(found)?))
    };
    let (kept, said) = find(version).ok_or_else(|| {
        let next = format!("Its page lists those that can be read, up to {}.", entry.version);
        Problem::not_found(format!("Runbook {id} has no version {version}"), next)
    })?;
    let before = find(version - 1);
    Ok(RunbookVersionView {
        id,
        title: kept.definition.title.clone(),
        service: service_of(&kept.definition.service),
        version,
        latest: entry.version,
        at: kept.at,
        by: kept.by.clone(),
        diff: before.map(|(_, before)| Diff::between(&before.markdown, &said.markdown)),
        markdown: said.markdown,
    })
}
