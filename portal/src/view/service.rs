//! One service: its golden signals, routes, instances, versions and other metrics.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::Instance;
use seaworthy_protocol::{Check, CheckResult, DrainReport, Figures, Loss};
use seaworthy_telemetry::{
    metric::{Cell, CellValue, MetricKind, MetricQuery, Series},
    model::{UnixNanos, Window},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    health::{HealthView, InstanceHealth},
    range::{MINUTE, Range, lived_seconds, passed_seconds, seconds_since, timestamp},
};
use crate::{
    problem::Problem,
    signals::{Route, Source, Traffic, of_spans},
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
    /// Its instances, latest start first.
    pub(crate) instances: Vec<InstanceView>,
    /// Builds seen, latest first.
    pub(crate) builds: Vec<BuildView>,
    /// Metrics beside those of the golden signals, by name.
    pub(crate) metrics: Vec<MetricView>,
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
    /// Requests; none where nothing was told.
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

/// Loads a service over the last `range`.
pub(crate) async fn load(app: &App, name: &str, range: Range) -> Result<ServiceView, Problem> {
    let now = app.clock().now();
    let Some(service) = app.catalog().service(name).await? else {
        return Err(Problem::not_found(
            format!("There is no service {name:?}"),
            "Nothing of this name has checked in or sent telemetry. The fleet page lists every service.",
        ));
    };
    let instances = app.catalog().instances(name).await?;
    let window = range.window(now);
    let query = MetricQuery {
        service: Some(name.to_owned()),
        name: None,
        window,
        step_minutes: range.step_minutes(),
    };
    let series = app.telemetry().series(query).await?;
    let requests = requests(app, name, &series, window, range).await?;
    let lived = lived_seconds(requests.by_time.keys(), window, now);
    let all: Vec<&Instance> = instances.iter().collect();
    Ok(ServiceView {
        as_of: now,
        health: HealthView::of(&all, now),
        range,
        step_seconds: range.step_minutes() * 60,
        steps: steps(&requests.by_time, &series, window, range, now),
        summary: Traffic::sum(requests.by_time.values())
            .map(|sum| traffic_view(&sum, lived))
            .unwrap_or_default(),
        routes: routes(requests.by_route, lived),
        source: requests.source,
        builds: builds(app, name, &instances, now).await?,
        metrics: metrics(&series, window, range),
        instances: instances.into_iter().map(|instance| instance_view(instance, now)).collect(),
        name: service.name,
        team: service.team,
    })
}

/// What a service tells of its requests.
#[derive(Default)]
struct Requests {
    source: Option<Source>,
    by_time: BTreeMap<UnixNanos, Traffic>,
    by_route: BTreeMap<Route, Traffic>,
}

async fn requests(
    app: &App,
    name: &str,
    series: &[Series],
    window: Window,
    range: Range,
) -> Result<Requests, Problem> {
    if let Some(source) = Source::among(series) {
        return Ok(Requests {
            source: Some(source),
            by_time: source.by_time(series),
            by_route: source.by_route(series),
        });
    }
    let minutes = app.telemetry().span_minutes(name, window).await?;
    if minutes.is_empty() {
        return Ok(Requests::default());
    }
    let by_time = of_spans(&minutes, u64::from(range.step_minutes()) * MINUTE);
    Ok(Requests { source: Some(Source::Spans), by_time, by_route: BTreeMap::new() })
}

fn traffic_view(traffic: &Traffic, seconds: f64) -> TrafficView {
    TrafficView {
        requests_per_second: (seconds > 0.0).then(|| traffic.requests() as f64 / seconds),
        error_ratio: traffic.error_ratio(),
        p50_seconds: traffic.quantile(0.5),
        p95_seconds: traffic.quantile(0.95),
        p99_seconds: traffic.quantile(0.99),
    }
}

fn routes(by_route: BTreeMap<Route, Traffic>, seconds: f64) -> Vec<RouteView> {
    let mut routes: Vec<_> = by_route.into_iter().filter(|(_, traffic)| traffic.requests() > 0).collect();
    routes.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.requests()));
    let view = |(route, traffic): (Route, Traffic)| RouteView {
        method: route.method,
        route: route.route,
        traffic: traffic_view(&traffic, seconds),
    };
    routes.into_iter().map(view).collect()
}

fn step_starts(window: Window, range: Range) -> impl Iterator<Item = UnixNanos> {
    let step = u64::from(range.step_minutes()) * MINUTE;
    (window.from..window.to).step_by(step as usize)
}

fn steps(
    by_time: &BTreeMap<UnixNanos, Traffic>,
    series: &[Series],
    window: Window,
    range: Range,
    now: Timestamp,
) -> Vec<StepView> {
    let step = u64::from(range.step_minutes()) * MINUTE;
    let passed = |at| passed_seconds(Window { from: at, to: at + step }, now);
    let cpu = share_of_limit(series, "process.cpu.time", "process.cpu.limit", |cell| match cell.value {
        CellValue::Increase(seconds) => Some(seconds / passed(cell.at).max(1.0)),
        _ => None,
    });
    let memory =
        share_of_limit(series, "process.memory.usage", "process.memory.limit", |cell| match cell.value {
            CellValue::Level { last, .. } => Some(last),
            _ => None,
        });
    step_starts(window, range)
        .map(|at| StepView {
            at: timestamp(at),
            traffic: by_time.get(&at).map(|traffic| traffic_view(traffic, passed(at))).unwrap_or_default(),
            cpu_of_limit: cpu.get(&at).copied(),
            memory_of_limit: memory.get(&at).copied(),
        })
        .collect()
}

/// By step, the largest share of its limit that an instance used. `used` says how much of a step's cell was in use.
fn share_of_limit(
    series: &[Series],
    metric: &str,
    limit: &str,
    used: impl Fn(&Cell) -> Option<f64>,
) -> BTreeMap<UnixNanos, f64> {
    let mut by_instance: BTreeMap<(&str, UnixNanos), f64> = BTreeMap::new();
    for series in series.iter().filter(|series| series.name == metric) {
        for cell in &series.cells {
            *by_instance.entry((&series.instance, cell.at)).or_default() += used(cell).unwrap_or_default();
        }
    }
    let mut shares: BTreeMap<UnixNanos, f64> = BTreeMap::new();
    for ((instance, at), used) in by_instance {
        let limits = series.iter().find(|series| series.name == limit && series.instance == instance);
        if let Some(limit) = limits.and_then(|limits| level_at(limits, at)).filter(|limit| *limit > 0.0) {
            let share = shares.entry(at).or_default();
            *share = share.max(used / limit);
        }
    }
    shares
}

fn level_at(series: &Series, at: UnixNanos) -> Option<f64> {
    series.cells.iter().find(|cell| cell.at == at).and_then(|cell| match cell.value {
        CellValue::Level { last, .. } => Some(last),
        _ => None,
    })
}

fn instance_view(instance: Instance, now: Timestamp) -> InstanceView {
    let health = InstanceHealth::of(&instance, now);
    let check_in = instance.check_in;
    let until = if health.is_alive() { now } else { instance.last_seen_at };
    InstanceView {
        id: check_in.instance,
        health,
        host: check_in.process.host,
        pid: check_in.process.pid,
        environment: check_in.environment,
        version: check_in.build.version,
        commit: check_in.build.commit,
        started_at: check_in.process.started_at,
        up_seconds: seconds_since(check_in.process.started_at, until),
        last_seen_at: instance.last_seen_at,
        figures: check_in.figures,
        checks: check_in.health.checks.into_iter().map(check_view).collect(),
        losses: check_in.losses,
        drain: check_in.drain,
    }
}

fn check_view(check: Check) -> CheckView {
    let (passes, reason) = match check.result {
        CheckResult::Pending => (None, String::new()),
        CheckResult::Pass => (Some(true), String::new()),
        CheckResult::Fail { reason } => (Some(false), reason),
    };
    CheckView { name: check.name, critical: check.critical, passes, reason }
}

async fn builds(
    app: &App,
    service: &str,
    instances: &[Instance],
    now: Timestamp,
) -> Result<Vec<BuildView>, Problem> {
    let seen = app.catalog().builds(service).await?;
    let alive = |version: &str, commit: &str| {
        instances
            .iter()
            .filter(|instance| InstanceHealth::of(instance, now).is_alive())
            .filter(|instance| {
                instance.check_in.build.version == version && instance.check_in.build.commit == commit
            })
            .count()
    };
    let view = |seen: seaworthy_catalog::SeenBuild| BuildView {
        instances_alive: alive(&seen.build.version, &seen.build.commit),
        version: seen.build.version,
        commit: seen.build.commit,
        first_seen_at: seen.first_seen_at,
        last_seen_at: seen.last_seen_at,
    };
    Ok(seen.into_iter().map(view).collect())
}

/// Every metric that the golden signals do not show already.
fn metrics(series: &[Series], window: Window, range: Range) -> Vec<MetricView> {
    let mut by_name: BTreeMap<&str, Vec<&Series>> = BTreeMap::new();
    for series in series {
        if !Source::METRICS.iter().any(|source| source.metric() == Some(series.name.as_str())) {
            by_name.entry(&series.name).or_default().push(series);
        }
    }
    by_name.into_iter().filter_map(|(name, series)| metric(name, &series, window, range)).collect()
}

fn metric(name: &str, series: &[&Series], window: Window, range: Range) -> Option<MetricView> {
    let first = series.first()?;
    let points: Vec<Option<f64>> =
        step_starts(window, range).map(|at| point(series, at, range.step_minutes() * 60)).collect();
    let (kind, shows) = match first.kind {
        MetricKind::Counter => ("counter", "per second"),
        MetricKind::UpDownCounter => ("up-down counter", "level"),
        MetricKind::Gauge => ("gauge", "level"),
        MetricKind::ExplicitHistogram | MetricKind::ExponentialHistogram => ("histogram", "median"),
    };
    Some(MetricView {
        name: name.to_owned(),
        unit: first.unit.clone(),
        kind,
        series: series.len(),
        shows,
        latest: points.iter().rev().flatten().next().copied(),
        points,
    })
}

/// All series of a metric at one step: rates and up-down counters add up, of gauges the mean is shown.
fn point(series: &[&Series], at: UnixNanos, step_seconds: u32) -> Option<f64> {
    let cells: Vec<(MetricKind, &CellValue)> = series
        .iter()
        .filter_map(|series| {
            let index = series.cells.binary_search_by_key(&at, |cell| cell.at).ok()?;
            Some((series.kind, &series.cells[index].value))
        })
        .collect();
    let (kind, first) = cells.first()?;
    let sum = |of: fn(&CellValue) -> f64| cells.iter().map(|(_, cell)| of(cell)).sum::<f64>();
    match first {
        CellValue::Increase(_) => Some(sum(increase) / f64::from(step_seconds)),
        CellValue::Level { .. } if *kind == MetricKind::Gauge => Some(sum(level) / cells.len() as f64),
        CellValue::Level { .. } => Some(sum(level)),
        CellValue::Explicit(_) | CellValue::Exponential(_) => median(&cells),
    }
}

fn increase(cell: &CellValue) -> f64 {
    if let CellValue::Increase(by) = cell { *by } else { 0.0 }
}

fn level(cell: &CellValue) -> f64 {
    if let CellValue::Level { last, .. } = cell { *last } else { 0.0 }
}

fn median(cells: &[(MetricKind, &CellValue)]) -> Option<f64> {
    let mut exponential = seaworthy_telemetry::histogram::ExponentialHistogram::default();
    let mut explicit = seaworthy_telemetry::histogram::ExplicitHistogram::default();
    for (_, cell) in cells {
        match cell {
            CellValue::Exponential(histogram) => exponential.merge(histogram),
            CellValue::Explicit(histogram) => explicit.merge(histogram),
            CellValue::Increase(_) | CellValue::Level { .. } => {}
        }
    }
    exponential.quantile(0.5).or_else(|| explicit.quantile(0.5))
}
