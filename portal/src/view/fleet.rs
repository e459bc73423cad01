//! Every service at a glance, worst first.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use seaworthy_catalog::{Instance, Service};
use seaworthy_telemetry::{
    Telemetry,
    metric::{MetricQuery, Series},
    model::{SpanMinute, Window},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    health::{HealthView, InstanceHealth},
    range::{MINUTE, last_minutes, lived_seconds, rate_seconds},
    readiness::standing::{self, Standing},
};
use crate::{
    problem::Problem,
    signals::{Source, Traffic, of_spans},
    state::App,
};

/// Figures are of so many minutes.
const RECENT_MINUTES: u32 = 15;
/// The small chart shows so many minutes, one by one.
const TREND_MINUTES: u32 = 60;
/// Queries of spans at the same time: whoever else wants to read finds a reader free.
const AT_ONCE: usize = 3;

/// The fleet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FleetView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Minutes of which rates, errors and percentiles are.
    pub(crate) recent_minutes: u32,
    /// Every service, worst first.
    pub(crate) services: Vec<FleetService>,
    /// All services together.
    pub(crate) total: FleetTotal,
}

/// All services together.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct FleetTotal {
    /// Instances that check in.
    pub(crate) instances_alive: usize,
    /// Instances that check in or should.
    pub(crate) instances_expected: usize,
    /// Requests of all services.
    pub(crate) requests_per_second: f64,
    /// Of them, the share that failed; none without requests.
    pub(crate) error_ratio: Option<f64>,
}

/// One service in the fleet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FleetService {
    /// Its name.
    pub(crate) name: String,
    /// The team that it belongs to.
    pub(crate) team: Option<String>,
    /// How it is.
    pub(crate) health: HealthView,
    /// Versions that run, latest started first.
    pub(crate) versions: Vec<String>,
    /// Where the figures of its requests come from; none where there are none.
    pub(crate) source: Option<Source>,
    /// Requests; none for a service that tells nothing of requests.
    pub(crate) requests_per_second: Option<f64>,
    /// The share of requests that failed.
    pub(crate) error_ratio: Option<f64>,
    /// The duration that 95 % of requests did not exceed.
    pub(crate) p95_seconds: Option<f64>,
    /// Requests per second over the last hour by minute, oldest first; none where nothing was sent, and in the
    /// running minute.
    pub(crate) trend: Vec<Option<f64>>,
    /// How it stands by the checklist; none before it was judged.
    pub(crate) readiness: Option<Standing>,
    /// When it last checked in or sent telemetry.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_seen_at: Timestamp,
}

/// Names of the services that have this text in theirs, whatever its case.
pub(crate) async fn named(app: &App, text: &str) -> Result<Vec<String>, Problem> {
    let text = text.to_lowercase();
    let names = app.catalog().services().await?.into_iter().map(|service| service.name);
    Ok(names.filter(|name| name.to_lowercase().contains(&text)).collect())
}

/// Loads the fleet as it is now.
pub(crate) async fn load(app: &App) -> Result<FleetView, Problem> {
    let now = app.clock().now();
    let services = app.catalog().services().await?;
    let instances = app.catalog().all_instances().await?;
    let mut standings = standing::of_all(app).await?;
    let trend = traffic(app.telemetry(), &services, trend_window(now)).await?;
    let recent = since(&trend, last_minutes(now, RECENT_MINUTES).from);
    let mut fleet: Vec<FleetService> = services
        .into_iter()
        .map(|service| {
            let instances: Vec<&Instance> =
                instances.iter().filter(|instance| instance.check_in.service == service.name).collect();
            let readiness = standings.remove(&service.name);
            FleetService { readiness, ..one(service, &instances, &recent, &trend, now) }
        })
        .collect();
    fleet.sort_by(|a, b| rank(b).cmp(&rank(a)).then_with(|| a.name.cmp(&b.name)));
    Ok(FleetView {
        as_of: now,
        recent_minutes: RECENT_MINUTES,
        total: total(&fleet, &recent),
        services: fleet,
    })
}

type ByService = BTreeMap<String, (Source, BTreeMap<u64, Traffic>)>;

/// Traffic of every service by minute, each from the source that it has.
async fn traffic(
    telemetry: &dyn Telemetry,
    services: &[Service],
    window: Window,
) -> Result<ByService, Problem> {
    let mut found = ByService::new();
    for source in Source::METRICS {
        let name = source.metric().map(str::to_owned);
        let series = telemetry.series(MetricQuery { service: None, name, window, step_minutes: 1 }).await?;
        for (service, series) in by_service(series) {
            found.entry(service).or_insert_with(|| (source, source.by_time(&series)));
        }
    }
    let mut asked = Vec::new();
    for service in services.iter().filter(|service| !found.contains_key(&service.name)) {
        asked.push(spans_of(telemetry, service.name.clone(), window));
    }
    let answers: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await?;
    for (service, minutes) in answers.into_iter().filter(|(_, minutes)| !minutes.is_empty()) {
        found.insert(service, (Source::Spans, of_spans(&minutes, MINUTE)));
    }
    Ok(found)
}

async fn spans_of(
    telemetry: &dyn Telemetry,
    service: String,
    window: Window,
) -> Result<(String, Vec<SpanMinute>), Problem> {
    let minutes = telemetry.span_minutes(&service, window).await?;
    Ok((service, minutes))
}

/// What came since a minute began.
fn since(all: &ByService, begin: u64) -> ByService {
    let later = |(service, (source, steps)): (&String, &(Source, BTreeMap<u64, Traffic>))| {
        let steps: BTreeMap<u64, Traffic> =
            steps.range(begin..).map(|(at, traffic)| (*at, traffic.clone())).collect();
        (!steps.is_empty()).then(|| (service.clone(), (*source, steps)))
    };
    all.iter().filter_map(later).collect()
}

fn by_service(series: Vec<Series>) -> BTreeMap<String, Vec<Series>> {
    let mut grouped: BTreeMap<String, Vec<Series>> = BTreeMap::new();
    for series in series {
        grouped.entry(series.service.clone()).or_default().push(series);
    }
    grouped
}

fn one(
    service: Service,
    instances: &[&Instance],
    recent: &ByService,
    trend: &ByService,
    now: Timestamp,
) -> FleetService {
    let requests = recent.get(&service.name);
    let sum = requests.and_then(|(_, steps)| Traffic::sum(steps.values()));
    FleetService {
        health: HealthView::of(instances, now),
        versions: versions(instances, now),
        source: requests.map(|(source, _)| *source),
        requests_per_second: requests
            .and_then(|(_, steps)| rate(steps, last_minutes(now, RECENT_MINUTES), now)),
        error_ratio: sum.as_ref().and_then(Traffic::error_ratio),
        p95_seconds: sum.as_ref().and_then(|sum| sum.quantile(0.95)),
        trend: trend.get(&service.name).map(|(_, steps)| points(steps, now)).unwrap_or_default(),
        readiness: None,
        last_seen_at: service.last_seen_at,
        name: service.name,
        team: service.team,
    }
}

/// Requests per second of the time that has passed; none without any.
fn rate(steps: &BTreeMap<u64, Traffic>, window: Window, now: Timestamp) -> Option<f64> {
    let seconds = lived_seconds(steps.keys(), window, now);
    let requests = Traffic::sum(steps.values())?.requests();
    (seconds > 0.0).then(|| requests as f64 / seconds)
}

fn points(steps: &BTreeMap<u64, Traffic>, now: Timestamp) -> Vec<Option<f64>> {
    let window = trend_window(now);
    let first = steps.keys().next().copied();
    let point = |at| {
        let seconds = rate_seconds(Window { from: at, to: at + MINUTE }, first, now)?;
        steps.get(&at).map(|traffic| traffic.requests() as f64 / seconds)
    };
    (window.from..window.to).step_by(MINUTE as usize).map(point).collect()
}

fn trend_window(now: Timestamp) -> Window {
    last_minutes(now, TREND_MINUTES)
}

fn versions(instances: &[&Instance], now: Timestamp) -> Vec<String> {
    let mut seen = BTreeSet::new();
    instances
        .iter()
        .filter(|instance| InstanceHealth::of(instance, now).is_alive())
        .map(|instance| instance.check_in.build.version.clone())
        .filter(|version| !version.is_empty() && seen.insert(version.clone()))
        .collect()
}

/// What puts a service above others: its health, then the share of requests that fail.
fn rank(service: &FleetService) -> (Option<InstanceHealth>, u64) {
    let healthy = |status: &InstanceHealth| *status > InstanceHealth::Ok;
    (service.health.status.filter(healthy), (service.error_ratio.unwrap_or_default() * 1e6) as u64)
}

fn total(services: &[FleetService], recent: &ByService) -> FleetTotal {
    let traffic = recent.values().filter_map(|(_, steps)| Traffic::sum(steps.values()));
    let (requests, errors) =
        traffic.fold((0, 0), |(requests, errors), t| (requests + t.requests(), errors + t.errors()));
    FleetTotal {
        instances_alive: services.iter().map(|service| service.health.instances_alive).sum(),
        instances_expected: services.iter().map(|service| service.health.instances_expected).sum(),
        requests_per_second: services.iter().filter_map(|service| service.requests_per_second).sum(),
        error_ratio: (requests > 0).then(|| errors as f64 / requests as f64),
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_telemetry::histogram::ExponentialHistogram;

    use super::*;

    /// So many requests in each minute from `first` on, both since 12:00.
    fn steps(first: u64, requests: &[u64]) -> BTreeMap<u64, Traffic> {
        let minute = |(at, requests): (u64, &u64)| SpanMinute {
            minute: NOON + at * MINUTE,
            requests: *requests,
            errors: 0,
            durations: ExponentialHistogram::default(),
        };
        let minutes: Vec<SpanMinute> = (first..).zip(requests).map(minute).collect();
        of_spans(&minutes, MINUTE)
    }

    const NOON: u64 = 1_800_014_400_000_000_000;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(NOON + seconds * 1_000_000_000)).unwrap()
    }

    #[test]
    fn a_rate_is_of_the_time_that_has_passed() {
        // Two requests a second: for a quarter of an hour, for the two and a half minutes since it began, and not at all.
        let now = at(14 * 60 + 30);
        let window = last_minutes(now, 15);
        let full: Vec<u64> = [120; 14].into_iter().chain([60]).collect();
        assert_eq!(rate(&steps(0, &full), window, now), Some(2.0));
        assert_eq!(rate(&steps(12, &[120, 120, 60]), window, now), Some(2.0));
        assert_eq!(rate(&BTreeMap::new(), window, now), None);
    }

    #[test]
    fn what_came_since_leaves_out_what_was_before_and_who_has_been_silent() {
        let of = |first, requests: &[u64]| (Source::Spans, steps(first, requests));
        let hour = ByService::from([
            ("barista".to_owned(), of(43, &[7, 20, 30])),
            ("till".to_owned(), of(40, &[9, 9])),
        ]);
        let recent = since(&hour, NOON + 44 * MINUTE);
        assert_eq!(recent, ByService::from([("barista".to_owned(), of(44, &[20, 30]))]));
    }

    #[test]
    fn a_trend_neither_begins_nor_ends_with_a_dip_of_its_own() {
        let minutes = u64::from(TREND_MINUTES);
        let now = at(minutes * 60 + 90);
        let mut requests = vec![120; usize::try_from(minutes).unwrap() + 1];
        requests.push(60);
        let points = points(&steps(0, &requests), now);
        assert!(points.len() >= usize::try_from(TREND_MINUTES).unwrap());
        // Of the minute that has only begun nobody knows yet.
        assert_eq!(points.last(), Some(&None));
        assert!(points.iter().rev().skip(1).all(|point| *point == Some(2.0)), "{points:?}");
    }
}
