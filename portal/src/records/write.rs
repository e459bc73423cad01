//! Writing records.

use jiff::Timestamp;
use seaworthy_catalog::{Actor, CatalogError};
use seaworthy_records::Mistake;

use super::{Entry, Kept, entry, find};
use crate::{problem::Problem, readiness::assess_now, state::App};

/// How often a change is tried again on what others wrote meanwhile. Each time somebody else came through.
const TRIES: usize = 50;

/// Why a record was not written.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// Something in it is wrong.
    Wrong(Vec<Mistake>),
    /// Somebody else changed it first; says who and when.
    Changed(String),
    /// Anything that no form can tell beside a field.
    Problem(Problem),
}

/// Makes a record.
pub(crate) async fn create<B: Kept>(
    app: &App,
    actor: &Actor,
    service: &str,
    title: &str,
    body: &B,
) -> Result<Entry<B>, NotTaken> {
    let now = app.clock().now();
    let definition = entry::definition(service, title, now, body)?;
    let record = app.catalog().create_record(&definition, actor, now).await?;
    judge(app, &record.definition.service).await;
    read(&record)
}

/// Writes a record that was changed; its version is the one that was seen.
pub(crate) async fn save<B: Kept>(app: &App, actor: &Actor, entry: &Entry<B>) -> Result<Entry<B>, NotTaken> {
    let definition = entry.definition()?;
    let now: Timestamp = app.clock().now();
    let record = app.catalog().update_record(entry.id, entry.version, &definition, actor, now).await?;
    judge(app, &record.definition.service).await;
    read(&record)
}

/// Changes a record as it is now. Where somebody else is first, the change is made to what they wrote: `change` must say
/// what to do, not what comes out, and may be called many times.
pub(crate) async fn amend<B: Kept>(
    app: &App,
    actor: &Actor,
    id: i64,
    mut change: impl FnMut(&mut Entry<B>) -> Result<(), NotTaken>,
) -> Result<Entry<B>, NotTaken> {
    let mut told = String::new();
    for _ in 0..TRIES {
        let before = find::<B>(app, id).await?;
        let mut entry = before.clone();
        change(&mut entry)?;
        if entry == before {
            return Ok(entry);
        }
        match save(app, actor, &entry).await {
            Err(NotTaken::Changed(by)) => told = by,
            done => return done,
        }
    }
    Err(NotTaken::Changed(told))
}

/// Deletes a record with all its versions.
pub(crate) async fn delete<B: Kept>(app: &App, actor: &Actor, id: i64) -> Result<(), Problem> {
    let entry = find::<B>(app, id).await?;
    app.catalog().delete_record(id, actor, app.clock().now()).await?;
    judge(app, &entry.service).await;
    Ok(())
}

fn read<B: Kept>(record: &seaworthy_catalog::Record) -> Result<Entry<B>, NotTaken> {
    Entry::of(record).map_err(|error| NotTaken::Problem(Problem::internal(error)))
}

/// What is of all services is seen by the next round, and so is everything where another portal judges.
async fn judge(app: &App, service: &str) {
    if service.is_empty() {
        return;
    }
    if let Err(error) = assess_now(app, service).await {
        tracing::warn!(error = format!("{error:#}"), "readiness was not assessed at once");
    }
}

impl NotTaken {
    /// One mistake of a field.
    pub(crate) fn wrong(field: &str, message: impl Into<String>) -> Self {
        Self::Wrong(vec![Mistake { field: field.to_owned(), message: message.into() }])
    }
}

impl From<Vec<Mistake>> for NotTaken {
    fn from(mistakes: Vec<Mistake>) -> Self {
        Self::Wrong(mistakes)
    }
}

impl From<Problem> for NotTaken {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<CatalogError> for NotTaken {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::Refused { field, rule } => Self::wrong(field, format!("the {field} {rule}")),
            CatalogError::Changed { .. } => Self::Changed(error.to_string()),
            error => Self::Problem(error.into()),
        }
    }
}

/// For what has no form to be shown again.
impl From<NotTaken> for Problem {
    fn from(error: NotTaken) -> Self {
        match error {
            NotTaken::Problem(problem) => problem,
            NotTaken::Changed(told) => {
                let detail = format!("Nothing was changed: {told}.");
                Self::new(axum::http::StatusCode::CONFLICT, "Somebody else was faster", detail)
            }
            NotTaken::Wrong(mistakes) => {
                let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                let detail =
                    format!("Nothing was changed: {}. Go back and write it otherwise.", told.join("; "));
                Self::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "This cannot be kept", detail)
            }
        }
    }
}
