//! Load tests, by service.

pub(crate) mod imported;
pub(crate) mod one;
pub(crate) mod peak;
pub(crate) mod within;

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_records::LoadTest;
use serde::Serialize;
use utoipa::ToSchema;

use self::peak::{Peak, peak};
use super::records::ListFilter;
use crate::{
    problem::Problem,
    records::{self, Entry},
    state::App,
};

/// Builds that a course shows, the latest.
const MOST_BUILDS: usize = 12;

/// Load tests.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LoadTestsView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// By service, in alphabetical order.
    pub(crate) services: Vec<TestedService>,
}

/// A service and its load tests.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TestedService {
    /// Its name.
    pub(crate) service: String,
    /// Its load tests, latest first.
    pub(crate) tests: Vec<LoadTestLine>,
    /// The highest rate within SLO of each build, by the latest test of it that says one; earliest first, 12 at most.
    pub(crate) builds: Vec<BuildRate>,
    /// The busiest minute of 7 days, load tests left out; none where no request was counted.
    pub(crate) peak: Option<Peak>,
}

/// A load test in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LoadTestLine {
    /// Its id.
    pub(crate) id: i64,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) ran_at: Timestamp,
    /// The version that was tested; none where nobody knows.
    pub(crate) build: Option<String>,
    /// What sent the load.
    pub(crate) tool: String,
    /// What it was sent to.
    pub(crate) target: String,
    /// Seconds that it ran.
    pub(crate) duration_s: f64,
    /// Requests per second; none where nobody has judged.
    pub(crate) highest_rate_within_slo: Option<f64>,
    /// How many rates were measured.
    pub(crate) steps: usize,
    /// How who entered it signs in.
    pub(crate) created_by: String,
}

/// What a build can take.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct BuildRate {
    /// Its version; empty where nobody knows.
    pub(crate) build: String,
    /// When it was tested.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) ran_at: Timestamp,
    /// The highest rate within SLO, in requests per second.
    pub(crate) highest_rate_within_slo: f64,
}

/// Loads them.
pub(crate) async fn load(app: &App, filter: &ListFilter) -> Result<LoadTestsView, Problem> {
    let mut by_service: BTreeMap<String, Vec<Entry<LoadTest>>> = BTreeMap::new();
    let entries = records::list::<LoadTest>(app, filter.asked()).await?;
    for entry in entries.into_iter().filter(|entry| filter.admits(entry)) {
        by_service.entry(entry.service.clone()).or_default().push(entry);
    }
    let mut services = Vec::new();
    for (service, entries) in by_service {
        services.push(TestedService {
            peak: peak(app, &service).await?,
            tests: entries.iter().map(line).collect(),
            builds: builds(&entries),
            service,
        });
    }
    Ok(LoadTestsView { as_of: app.clock().now(), services })
}

fn line(entry: &Entry<LoadTest>) -> LoadTestLine {
    let test = &entry.body;
    LoadTestLine {
        id: entry.id,
        ran_at: test.ran_at,
        build: test.build.clone(),
        tool: test.tool.clone(),
        target: test.target.clone(),
        duration_s: test.duration_s,
        highest_rate_within_slo: test.highest_rate_within_slo,
        steps: test.stages.len(),
        created_by: entry.created_by.clone(),
    }
}

/// From tests that come latest first.
fn builds(entries: &[Entry<LoadTest>]) -> Vec<BuildRate> {
    let mut builds: Vec<BuildRate> = Vec::new();
    for test in entries.iter().map(|entry| &entry.body) {
        let build = test.build.clone().unwrap_or_default();
        let Some(highest_rate_within_slo) = test.highest_rate_within_slo else { continue };
        if builds.len() < MOST_BUILDS && !builds.iter().any(|known| known.build == build) {
            builds.push(BuildRate { build, ran_at: test.ran_at, highest_rate_within_slo });
        }
    }
    builds.reverse();
    builds
}
