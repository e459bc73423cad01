//! One load test, beside the one of the build before.

use jiff::Timestamp;
use seaworthy_catalog::RecordFilter;
use seaworthy_records::{LoadTest, Stage};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    LoadTestLine, line,
    peak::{Peak, peak},
    within::{AskedLine, asked},
};
use crate::{
    problem::Problem,
    records::{self, Entry},
    state::App,
};

/// Rates of two tests that differ by less are compared.
const ALIKE: f64 = 0.1;
/// The share of its capacity that a service may be asked at its busiest, as the checklist asks.
pub(crate) const MOST_OF_CAPACITY: f64 = 0.7;

/// A load test.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LoadTestView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The service that was tested.
    pub(crate) service: String,
    /// In short.
    #[serde(flatten)]
    pub(crate) line: LoadTestLine,
    /// What was measured at each rate, in the order of the test.
    pub(crate) stages: Vec<StageView>,
    /// Whatever else there is to say.
    pub(crate) note: String,
    /// Where the whole result is.
    pub(crate) link: Option<String>,
    /// What the service's SLOs ask of a load test now.
    pub(crate) asked: Vec<AskedLine>,
    /// Beside the latest test before it that was of another build; none where there is none.
    pub(crate) before: Option<Comparison>,
    /// How near the service came to its capacity; none where no rate was judged or no request was counted.
    pub(crate) headroom: Option<Headroom>,
    /// Its version; a change names the one that it is made to.
    pub(crate) version: i64,
    /// How who last changed it signs in.
    pub(crate) updated_by: String,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

/// What was measured at one rate. What the tool did not tell is none.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StageView {
    /// Requests per second.
    pub(crate) rate: f64,
    /// Milliseconds within which half of the requests were answered.
    pub(crate) p50_ms: Option<f64>,
    /// Milliseconds within which 95 % were.
    pub(crate) p95_ms: Option<f64>,
    /// Milliseconds within which 99 % were.
    pub(crate) p99_ms: Option<f64>,
    /// The share of requests that failed, 0 to 1.
    pub(crate) error_share: f64,
    /// Whether it holds what the SLOs ask now; none where they ask nothing.
    pub(crate) within_slo: Option<bool>,
}

/// Another test, and what is different.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Comparison {
    /// The other test.
    pub(crate) test: LoadTestLine,
    /// Whether it was sent to the same target. Where not, figures may differ for that.
    pub(crate) same_target: bool,
    /// Figures of both: the highest rate within SLO, and what was measured at rates within 10 % of each other.
    pub(crate) figures: Vec<Compared>,
}

/// A figure before and now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Compared {
    /// Which: `p99 at 100 requests/s`.
    pub(crate) what: String,
    /// Its unit.
    pub(crate) unit: Unit,
    /// Of the other test.
    pub(crate) before: f64,
    /// Of this test.
    pub(crate) now: f64,
    /// Whether this is better by more than a hundredth, or worse; none where it is alike.
    pub(crate) better: Option<bool>,
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// Requests per second.
    RequestsPerSecond,
    /// Milliseconds.
    Milliseconds,
    /// A share of 1.
    Share,
}

/// How near a service came to its capacity.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Headroom {
    /// The busiest minute of 7 days.
    pub(crate) peak: Peak,
    /// The peak as a share of the highest rate within SLO.
    pub(crate) used_share: f64,
    /// Whether that is at most the 70 % which the checklist asks for.
    pub(crate) enough: bool,
}

/// Loads a load test.
pub(crate) async fn load(app: &App, id: i64) -> Result<LoadTestView, Problem> {
    let entry = records::find::<LoadTest>(app, id).await?;
    let others = records::list::<LoadTest>(app, of_service(&entry.service)).await?;
    let asked = asked(app, &entry.service).await?;
    let peak = peak(app, &entry.service).await?;
    let test = &entry.body;
    let stage = |stage: &Stage| StageView {
        rate: stage.rate,
        p50_ms: stage.p50_ms,
        p95_ms: stage.p95_ms,
        p99_ms: stage.p99_ms,
        error_share: stage.error_share,
        within_slo: asked.within.map(|within| within.held(stage)),
    };
    Ok(LoadTestView {
        as_of: app.clock().now(),
        service: entry.service.clone(),
        line: line(&entry),
        stages: test.stages.iter().map(stage).collect(),
        note: test.note.clone(),
        link: test.link.clone(),
        before: before(&entry, &others).map(|other| compare(test, other)),
        headroom: test.highest_rate_within_slo.zip(peak).map(|(rate, peak)| headroom(rate, peak)),
        asked: asked.lines,
        version: entry.version,
        updated_by: entry.updated_by.clone(),
        updated_at: entry.updated_at,
    })
}

pub(crate) fn headroom(highest_rate: f64, peak: Peak) -> Headroom {
    let used_share = peak.requests_per_second / highest_rate;
    Headroom { peak, used_share, enough: used_share <= MOST_OF_CAPACITY }
}

fn of_service(service: &str) -> RecordFilter {
    RecordFilter { service: Some(service.to_owned()), limit: records::MOST, ..RecordFilter::default() }
}

/// The latest test before this one of another build, of the same target if there is one. `others` come latest first.
fn before<'e>(entry: &Entry<LoadTest>, others: &'e [Entry<LoadTest>]) -> Option<&'e Entry<LoadTest>> {
    let test = &entry.body;
    let earlier = || {
        others.iter().filter(|other| {
            other.body.ran_at < test.ran_at
                && other.body.build != test.build
                && other.service == entry.service
        })
    };
    earlier().find(|other| other.body.target == test.target).or_else(|| earlier().next())
}

fn compare(test: &LoadTest, other: &Entry<LoadTest>) -> Comparison {
    let rates = test.highest_rate_within_slo.zip(other.body.highest_rate_within_slo);
    let highest = rates.map(|(now, before)| {
        Compared::new("Highest rate within SLO".to_owned(), Unit::RequestsPerSecond, before, now)
    });
    let pairs = test.stages.iter().filter_map(|stage| Some((stage, alike(stage, &other.body.stages)?)));
    Comparison {
        test: line(other),
        same_target: test.target == other.body.target,
        figures: highest.into_iter().chain(pairs.flat_map(|(now, before)| of_stages(now, before))).collect(),
    }
}

/// The stage of about the same rate.
fn alike<'s>(stage: &Stage, others: &'s [Stage]) -> Option<&'s Stage> {
    let away = |other: &Stage| (other.rate - stage.rate).abs();
    let nearest = others.iter().min_by(|a, b| away(a).total_cmp(&away(b)))?;
    (away(nearest) <= ALIKE * stage.rate).then_some(nearest)
}

fn of_stages(now: &Stage, before: &Stage) -> impl Iterator<Item = Compared> + use<> {
    let at = format!("at {} requests/s", crate::web::format::number(now.rate));
    let percentiles = [
        ("p50", before.p50_ms, now.p50_ms),
        ("p95", before.p95_ms, now.p95_ms),
        ("p99", before.p99_ms, now.p99_ms),
    ];
    let failed = Compared::new(format!("Failed {at}"), Unit::Share, before.error_share, now.error_share);
    percentiles
        .into_iter()
        .filter_map(move |(name, before, now)| {
            Some(Compared::new(format!("{name} {at}"), Unit::Milliseconds, before?, now?))
        })
        .chain([failed])
}

impl Compared {
    fn new(what: String, unit: Unit, before: f64, now: f64) -> Self {
        let more_is_better = unit == Unit::RequestsPerSecond;
        let alike = (now - before).abs() <= 0.01 * before.abs().max(now.abs());
        let better = (!alike).then_some((now > before) == more_is_better);
        Self { what, unit, before, now, better }
    }
}
