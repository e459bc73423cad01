//! What a budget was spent by.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::{SeenBuild, StoredSlo};
use seaworthy_slo::{Counts, Minute};
use serde::Serialize;
use utoipa::ToSchema;

use super::Figures;
use crate::{objectives::spent, problem::Problem, state::App};

/// Lines of each list.
const MOST: usize = 10;

/// What spent the budget, most first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SpentView {
    /// By the newest build that ran at the time.
    pub(crate) builds: Vec<SpentBy>,
    /// By route, as far as telemetry is kept.
    pub(crate) routes: Vec<SpentBy>,
    /// By instance, as far as telemetry is kept.
    pub(crate) instances: Vec<SpentBy>,
    /// Since when routes and instances are known.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// Requests that were marked as a load test (`user_agent.synthetic.type` is `test`) and count nowhere.
    pub(crate) load_test_events: u64,
    /// Requests of which the histogram cannot say whether they took longer than the threshold of a latency; they count as
    /// good. 0 where the threshold is the edge of a bucket.
    pub(crate) uncertain_events: u64,
}

/// A part of what was spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SpentBy {
    /// A build, a route or an instance.
    pub(crate) name: String,
    /// Events that failed.
    pub(crate) bad: u64,
    /// Events.
    pub(crate) total: u64,
}

/// Loads it.
pub(super) async fn load(
    app: &App,
    figures: &Figures<'_>,
    stored: &StoredSlo,
    builds: &[SeenBuild],
) -> Result<SpentView, Problem> {
    let kept = i64::from(app.settings().retention_days) * 24 * 60;
    let since = figures.window.start.max(Minute(Minute::of(figures.now).0 - kept));
    let until = figures.end.min(figures.window.end);
    let service = &stored.definition.service;
    let found = spent::by(app, service, &figures.slo.sli, since..until, &figures.exclusions)
        .await
        .map_err(Problem::internal)?;
    Ok(SpentView {
        builds: by_build(figures, builds),
        routes: most(found.routes),
        instances: most(found.instances),
        since: since.begins(),
        load_test_events: found.load_test_events,
        uncertain_events: found.uncertain_events,
    })
}

/// What failed while each build was the newest that ran.
fn by_build(figures: &Figures<'_>, builds: &[SeenBuild]) -> Vec<SpentBy> {
    let window = &figures.window;
    let mut edges: Vec<Minute> = builds
        .iter()
        .flat_map(|build| [Minute::of(build.first_seen_at), Minute::of(build.last_seen_at).next()])
        .chain([window.start, window.end])
        .filter(|edge| window.start <= *edge && *edge <= window.end)
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let mut spent: BTreeMap<String, Counts> = BTreeMap::new();
    for span in edges.windows(2) {
        let counts = figures.ledger.tally(span[0]..span[1], &figures.exclusions).events;
        *spent.entry(newest(builds, span[0])).or_default() += counts;
    }
    most(spent)
}

/// The build that began last of those that ran in a minute. After a rollback it is the one before.
fn newest(builds: &[SeenBuild], minute: Minute) -> String {
    let ran = |build: &&SeenBuild| {
        Minute::of(build.first_seen_at) <= minute && minute <= Minute::of(build.last_seen_at)
    };
    let newest = builds.iter().filter(ran).max_by_key(|build| build.first_seen_at);
    newest.map_or_else(|| "no known build".to_owned(), |build| build.build.version.clone())
}

fn most(spent: BTreeMap<String, Counts>) -> Vec<SpentBy> {
    let mut spent: Vec<SpentBy> = spent
        .into_iter()
        .filter(|(_, counts)| counts.bad() > 0)
        .map(|(name, counts)| SpentBy { name, bad: counts.bad(), total: counts.total() })
        .collect();
    spent.sort_by(|a, b| b.bad.cmp(&a.bad).then_with(|| a.name.cmp(&b.name)));
    spent.truncate(MOST);
    spent
}
