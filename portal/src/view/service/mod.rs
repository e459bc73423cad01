//! One service: its golden signals, routes, instances, versions and other metrics.

mod instances;
mod metrics;
mod requests;
mod steps;
mod stuck;

use jiff::Timestamp;
use seaworthy_catalog::Instance;
use seaworthy_protocol::{DrainReport, Figures, Loss};
use seaworthy_telemetry::metric::MetricQuery;
use serde::Serialize;
use utoipa::ToSchema;

use self::{
    instances::{builds, instance_views},
    metrics::metrics,
    requests::{requests, routes, traffic_view},
    steps::steps,
    stuck::{blocked, hanging},
};
use super::{
    alerts::{self, AlertLine},
    errors,
    health::{HealthView, InstanceHealth},
    now,
    range::{Range, lived_seconds},
    readiness::standing::{self, Standing},
    slo::SloSummary,
    slos::{self, SloFilter},
    uptime::{self, UptimeView},
};
use crate::{
    problem::Problem,
    signals::{Source, Traffic},
    state::App,
};

/// One service over a range of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ServiceView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Its name.
    pub(crate) name: String,
    /// The team that it belongs to.
    pub(crate) team: Option<String>,
    /// How it is.
    pub(crate) health: HealthView,
    /// How it stands by the checklist; none before it was judged.
    pub(crate) readiness: Option<Standing>,
    /// Whether it answers from outside; none where the URL that it has, if any, was not asked for yet.
    pub(crate) uptime: Option<UptimeView>,
    /// Kinds of errors that somebody has to see to.
    pub(crate) errors_to_see_to: usize,
    /// Requests that have lasted for much longer than is usual on their routes; none where there are none.
    pub(crate) hanging: Option<HangingView>,
    /// Tasks that keep worker threads from others again and again; none where there are none.
    pub(crate) blocked: Option<BlockedView>,
    /// Its alerts that are not over, worst first.
    pub(crate) alerts: Vec<AlertLine>,
    /// The time shown.
    pub(crate) range: Range,
    /// Seconds between the points of a chart.
    pub(crate) step_seconds: u32,
    /// Where the figures of its requests come from; none where there are none.
    pub(crate) source: Option<Source>,
    /// The golden signals, oldest step first; steps without data have no value.
    pub(crate) steps: Vec<StepView>,
    /// Over the whole range.
    pub(crate) summary: TrafficView,
    /// Its routes over the range, most requests first.
    pub(crate) routes: Vec<RouteView>,
    /// Its SLOs, least budget first.
    pub(crate) slos: Vec<SloSummary>,
    /// Its instances, latest start first.
    pub(crate) instances: Vec<InstanceView>,
    /// Builds seen, latest first.
    pub(crate) builds: Vec<BuildView>,
    /// Metrics beside those of the golden signals, by name.
    pub(crate) metrics: Vec<MetricView>,
}

/// Requests that do not end.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct HangingView {
    /// Those that the latest check-ins name.
    pub(crate) requests: usize,
    /// For how long the oldest has lasted.
    pub(crate) oldest_seconds: f64,
}

/// Polls of 100 ms or longer, in which a worker thread runs no other task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct BlockedView {
    /// How many there were.
    pub(crate) polls: u64,
    /// In so many minutes before now, at most.
    pub(crate) minutes: u32,
    /// Where the tasks of most of them are spawned, `src/bar.rs:12`, or else their name; empty where unknown.
    pub(crate) place: String,
}

/// The golden signals of one step of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StepView {
    /// When the step begins.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// Traffic, errors and latency.
    #[serde(flatten)]
    pub(crate) traffic: TrafficView,
    /// The largest share of its CPU limit that an instance used.
    pub(crate) cpu_of_limit: Option<f64>,
    /// The largest share of its memory limit that an instance used.
    pub(crate) memory_of_limit: Option<f64>,
}

/// Requests of some time.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct TrafficView {
    /// Requests; none where nothing was told, and in a step that has only begun.
    pub(crate) requests_per_second: Option<f64>,
    /// The share that failed.
    pub(crate) error_ratio: Option<f64>,
    /// The median duration.
    pub(crate) p50_seconds: Option<f64>,
    /// The duration that 95 % did not exceed.
    pub(crate) p95_seconds: Option<f64>,
    /// The duration that 99 % did not exceed.
    pub(crate) p99_seconds: Option<f64>,
}

/// One route.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RouteView {
    /// `POST`.
    pub(crate) method: String,
    /// `/orders/{id}`; empty for requests that no route answered.
    pub(crate) route: String,
    /// Its requests over the range.
    #[serde(flatten)]
    pub(crate) traffic: TrafficView,
}

/// One instance, as its latest check-in tells.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InstanceView {
    /// `service.instance.id`.
    pub(crate) id: String,
    /// How it is.
    pub(crate) health: InstanceHealth,
    /// The host that it runs on.
    pub(crate) host: String,
    /// Its process id.
    pub(crate) pid: u32,
    /// Its environment, empty where none is set.
    pub(crate) environment: String,
    /// Its version.
    pub(crate) version: String,
    /// Its commit, empty where unknown.
    pub(crate) commit: String,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    /// Seconds from its start to now, or to its last check-in.
    pub(crate) up_seconds: u64,
    /// When its latest check-in arrived.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_seen_at: Timestamp,
    /// What it uses.
    #[schema(value_type = Object)]
    pub(crate) figures: Figures,
    /// Worker threads of its runtime, where it has one that the agent has seen.
    pub(crate) worker_threads: Option<u32>,
    /// Worker threads that fit its CPU limit.
    pub(crate) recommended_worker_threads: Option<u32>,
    /// Its health checks.
    pub(crate) checks: Vec<CheckView>,
    /// Telemetry that its agent could not deliver.
    #[schema(value_type = Vec<Object>)]
    pub(crate) losses: Vec<Loss>,
    /// How its shutdown went.
    #[schema(value_type = Option<Object>)]
    pub(crate) drain: Option<DrainReport>,
}

/// One health check of an instance.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CheckView {
    /// Its name.
    pub(crate) name: String,
    /// Whether its failure makes the instance unavailable.
    pub(crate) critical: bool,
    /// Whether it passes; none before its first run has ended.
    pub(crate) passes: Option<bool>,
    /// Why it fails, empty otherwise.
    pub(crate) reason: String,
}

/// One build that was seen running.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BuildView {
    /// Its version.
    pub(crate) version: String,
    /// Its commit, empty where unknown.
    pub(crate) commit: String,
    /// When it was first seen.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) first_seen_at: Timestamp,
    /// When it was last seen.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_seen_at: Timestamp,
    /// Instances of it that check in.
    pub(crate) instances_alive: usize,
}

/// One metric of a service, all its series together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MetricView {
    /// Its name.
    pub(crate) name: String,
    /// Its unit as UCUM writes it.
    pub(crate) unit: String,
    /// What it measures with.
    pub(crate) kind: &'static str,
    /// Its series.
    pub(crate) series: usize,
    /// What the points are: `per second`, `level` or `median`.
    pub(crate) shows: &'static str,
    /// The latest point.
    pub(crate) latest: Option<f64>,
    /// Points, oldest first.
    pub(crate) points: Vec<Option<f64>>,
}

/// Nobody has told of this service.
pub(crate) fn no_such_service(name: &str) -> Problem {
    Problem::not_found(
        format!("There is no service {name:?}"),
        "Nothing of this name has checked in or sent telemetry. The fleet page lists every service.",
    )
}

/// Loads a service over the last `range`.
pub(crate) async fn load(app: &App, name: &str, range: Range) -> Result<ServiceView, Problem> {
    let as_of = app.clock().now();
    let Some(service) = app.catalog().service(name).await? else {
        return Err(no_such_service(name));
    };
    let instances = app.catalog().instances(name).await?;
    let window = range.window(as_of);
    let query = MetricQuery {
        service: Some(name.to_owned()),
        name: None,
        window,
        step_minutes: range.step_minutes(),
    };
    let series = app.telemetry().series(query).await?;
    let requests = requests(app, name, &series, window, range).await?;
    let lived = lived_seconds(requests.by_time.keys(), window, as_of);
    let summary = Traffic::sum(requests.by_time.values()).map(|sum| traffic_view(&sum, lived));
    let summary = summary.unwrap_or_default();
    let routes = routes(requests.by_route, lived);
    let all: Vec<&Instance> = instances.iter().collect();
    Ok(ServiceView {
        as_of,
        health: HealthView::of(&all, as_of),
        readiness: standing::of(app, name).await?,
        uptime: uptime::load(app, name).await?,
        errors_to_see_to: errors::to_see_to(app, name).await?,
        blocked: blocked(app, name, as_of).await?,
        hanging: hanging(&now::of(app, name, instances.clone(), as_of).await?, &routes),
        alerts: alerts::open_of(app, |alert| alert.service == name).await?,
        range,
        step_seconds: range.step_minutes() * 60,
        steps: steps(&requests.by_time, &series, window, range, as_of),
        summary,
        routes,
        source: requests.source,
        slos: slos::load(app, SloFilter::of_service(name)).await?.slos,
        builds: builds(app, name, &instances, as_of).await?,
        metrics: metrics(&series, window, range, as_of),
        instances: instance_views(instances, as_of),
        name: service.name,
        team: service.team,
    })
}
