//! Records of people, read and written: the catalog keeps all kinds alike, here each has its body.
//!
//! What is written is checked first ([`NotTaken`] says what is wrong, by field), names the version that it changes, and has
//! the service judged anew. [`amend`] is for what several people do at once: it is tried again on what others wrote.

mod entry;
mod write;

use seaworthy_catalog::{RecordFilter, RecordKind};
use seaworthy_records::{Body, Gameday, Incident, LoadTest, Rota, Run, Runbook};

pub(crate) use entry::Entry;
pub(crate) use write::{NotTaken, amend, create, delete, save};

use crate::{problem::Problem, state::App};

/// As many records of a kind as a list looks at, the latest.
pub(crate) const MOST: u64 = 2_000;

/// A body as the catalog keeps it and pages show it.
pub(crate) trait Kept: Body + Clone + PartialEq {
    /// Its kind in the catalog.
    const RECORD: RecordKind;
    /// The page that lists them; each has its page below, by its id.
    const PATH: &'static str;

    /// The page of one.
    fn page(id: i64) -> String {
        format!("{}/{id}", Self::PATH)
    }
}

impl Kept for Runbook {
    const RECORD: RecordKind = RecordKind::Runbook;
    const PATH: &'static str = "/runbooks";
}

impl Kept for Run {
    const RECORD: RecordKind = RecordKind::RunbookRun;
    const PATH: &'static str = "/runs";
}

impl Kept for Gameday {
    const RECORD: RecordKind = RecordKind::Gameday;
    const PATH: &'static str = "/gamedays";
}

impl Kept for LoadTest {
    const RECORD: RecordKind = RecordKind::LoadTest;
    const PATH: &'static str = "/load-tests";
}

impl Kept for Incident {
    const RECORD: RecordKind = RecordKind::Incident;
    const PATH: &'static str = "/incidents";
}

impl Kept for Rota {
    const RECORD: RecordKind = RecordKind::Rota;
    const PATH: &'static str = "/training";
}

/// A record of this kind; a problem where there is no such.
pub(crate) async fn find<B: Kept>(app: &App, id: i64) -> Result<Entry<B>, Problem> {
    let record = app.catalog().record(id).await?.filter(|record| record.definition.kind == B::RECORD);
    let record = record.ok_or_else(|| none::<B>(id))?;
    Entry::of(&record).map_err(|error| Problem::internal(format!("record {id} cannot be read: {error}")))
}

/// A record as it was in one of its versions; none where that is not kept, or cannot be read.
pub(crate) async fn in_version<B: Kept>(
    app: &App,
    id: i64,
    version: i64,
) -> Result<Option<Entry<B>>, Problem> {
    let now = find::<B>(app, id).await?;
    let versions = app.catalog().record_versions(id).await?;
    Ok(versions.iter().find(|kept| kept.version == version).and_then(|kept| now.in_version(kept).ok()))
}

/// Records of this kind, latest first. What another version of the portal wrote otherwise is left out.
pub(crate) async fn list<B: Kept>(app: &App, filter: RecordFilter) -> Result<Vec<Entry<B>>, Problem> {
    let filter = RecordFilter { kind: Some(B::RECORD), ..filter };
    let records = app.catalog().records(&filter).await?;
    let read = |record| {
        Entry::of(record)
            .inspect_err(
                |error| tracing::warn!(record = record.id, %error, "a record cannot be read and is not shown"),
            )
            .ok()
    };
    Ok(records.iter().filter_map(read).collect())
}

fn none<B: Kept>(id: i64) -> Problem {
    Problem::not_found(
        format!("There is no {} {id}", B::RECORD),
        format!("It was deleted, or never there. The page {} lists those that are.", B::PATH),
    )
}
