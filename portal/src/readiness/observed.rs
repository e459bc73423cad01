//! What telemetry tells of a service.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use seaworthy_telemetry::{
    ReadError, Telemetry,
    metric::{MetricKind, MetricQuery, Series},
    model::{Attributes, SpanMinute, Window},
    observed::{BusiestMinute, Outbound, SpanLinks, is_load_test},
};

use super::log_lines::LogLines;
use crate::{
    capacity::Forecasts,
    signals::{Route, Source, Traffic, of_spans, tells_outcome},
    view::range::{MINUTE, nanos, timestamp},
};

/// Metrics of how full a service is, of the languages that are seen most.
const SATURATION: [&str; 12] = [
    "process.cpu.time",
    "process.cpu.utilization",
    "process.memory.usage",
    "system.cpu.time",
    "system.cpu.utilization",
    "system.memory.usage",
    "system.memory.utilization",
    "container.cpu.usage",
    "container.memory.usage",
    "jvm.cpu.recent_utilization",
    "jvm.memory.used",
    "go.memory.used",
];
const DAY_MINUTES: u32 = 24 * 60;
const DAY: u64 = DAY_MINUTES as u64 * MINUTE;

/// When a service was last heard of, by golden signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Durations and counts of requests, which come together.
    pub(super) requests: Option<Timestamp>,
    /// Requests that tell whether they succeeded.
    pub(super) outcomes: Option<Timestamp>,
    pub(super) saturation: Option<Timestamp>,
}

/// When each service was last heard of, within a day.
pub(super) async fn heard(
    telemetry: &dyn Telemetry,
    now: Timestamp,
) -> Result<HashMap<String, Heard>, ReadError> {
    let end = nanos(now) + MINUTE;
    let window = Window { from: end.saturating_sub(DAY), to: end };
    let requests: Vec<&str> = Source::METRICS.into_iter().filter_map(Source::metric).collect();
    let metrics: Vec<&str> = requests.iter().copied().chain(SATURATION).collect();
    // What a minute holds was known at its end, or now.
    let at = |minute: u64| Some(timestamp(minute + MINUTE).min(now));
    let mut heard: HashMap<String, Heard> = HashMap::new();
    for point in telemetry.last_points(&metrics, window).await? {
        let heard = heard.entry(point.service).or_default();
        if requests.contains(&point.name.as_str()) {
            heard.requests = heard.requests.max(at(point.minute));
            if tells_outcome(&point.attributes) {
                heard.outcomes = heard.outcomes.max(at(point.minute));
            }
        } else {
            heard.saturation = heard.saturation.max(at(point.minute));
        }
    }
    // A span has a duration, and a status that tells whether it failed.
    for (service, minute) in telemetry.last_spans(window).await? {
        let heard = heard.entry(service).or_default();
        heard.requests = heard.requests.max(at(minute));
        heard.outcomes = heard.outcomes.max(at(minute));
    }
    Ok(heard)
}

/// What telemetry of a day tells, and of a week where it says so.
#[derive(Clone, Debug)]
pub(super) struct Observed {
    /// When it was asked.
    pub(super) at: Timestamp,
    /// None of a service that tells nothing of requests.
    pub(super) requests: Option<Requests>,
    pub(super) links: SpanLinks,
    /// Up to the last minute.
    pub(super) log_lines: LogLines,
    /// Log records that were received of it.
    pub(super) log_records: LogRecords,
    /// Whom it calls.
    pub(super) outbound: Vec<Outbound>,
    /// Of a week.
    pub(super) busiest: Option<BusiestMinute>,
    /// The resources that run out soon, and when this was found; none where too little is known.
    pub(super) running_out: Option<Vec<&'static str>>,
    pub(super) foretold_at: Timestamp,
}

/// Log records of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LogRecords {
    pub(super) all: u64,
    /// Of them, those that name a trace.
    pub(super) traced: u64,
}

impl LogRecords {
    async fn read(telemetry: &dyn Telemetry, service: &str, window: Window) -> Result<Self, ReadError> {
        let mut records = Self::default();
        for count in telemetry.log_counts(Some(service), window, DAY_MINUTES).await? {
            records.all += count.lines;
            records.traced += count.traced;
        }
        Ok(records)
    }
}

/// The requests of a day.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    pub(super) source: Source,
    /// Without load tests.
    pub(super) traffic: Traffic,
    /// The same by route; empty where only spans tell.
    pub(super) routes: BTreeMap<Route, Traffic>,
    /// With load tests.
    pub(super) all: u64,
    /// Routes whose metric is no histogram.
    pub(super) without_durations: BTreeSet<Route>,
}

impl Observed {
    /// Asks telemetry of one service. A forecast rests on weeks, and is asked for once an hour.
    pub(super) async fn read(
        telemetry: &dyn Telemetry,
        forecasts: &Forecasts,
        service: &str,
        now: Timestamp,
    ) -> Result<Self, ReadError> {
        // Spans and metrics of a request come some seconds apart: the last minute would tell of one and not of the other.
        let end = (nanos(now) / MINUTE * MINUTE).saturating_sub(MINUTE);
        let day = Window { from: end.saturating_sub(DAY), to: end };
        let requests = requests(telemetry, service, day).await?;
        let metric = requests.as_ref().and_then(|requests| requests.source.metric());
        let week = Window { from: end.saturating_sub(7 * DAY), to: end };
        let forecast = forecasts.of(telemetry, service, now).await?;
        Ok(Self {
            at: now,
            running_out: forecast.running_out(),
            foretold_at: forecast.read_at,
            log_lines: LogLines::read(telemetry, service, Window { to: nanos(now) + MINUTE, ..day }).await?,
            log_records: LogRecords::read(telemetry, service, day).await?,
            links: telemetry.span_links(service, day).await?,
            outbound: telemetry.outbound(service, day).await?,
            busiest: telemetry.busiest_minute(service, metric, week).await?,
            requests,
        })
    }

    /// Whether it is so long ago that telemetry should be asked again. Whoever has just embedded the agent watches, and each
    /// minute tells more.
    pub(super) fn is_old(&self, first_seen_at: Timestamp, now: Timestamp) -> bool {
        const NEW: SignedDuration = SignedDuration::from_mins(15);
        let is_new = now.duration_since(first_seen_at) < NEW;
        let fresh = if is_new { SignedDuration::from_secs(30) } else { SignedDuration::from_mins(5) };
        now.duration_since(self.at) >= fresh
    }
}

async fn requests(
    telemetry: &dyn Telemetry,
    service: &str,
    window: Window,
) -> Result<Option<Requests>, ReadError> {
    for source in Source::METRICS {
        let (service, name) = (Some(service.to_owned()), source.metric().map(str::to_owned));
        let series = telemetry.series(MetricQuery { service, name, window, step_minutes: 60 }).await?;
        if !series.is_empty() {
            return Ok(Some(of_series(source, series)));
        }
    }
    let minutes: Vec<SpanMinute> = telemetry.span_minutes(service, window).await?;
    let traffic = Traffic::sum(of_spans(&minutes, DAY).values());
    Ok(traffic.map(|traffic| Requests {
        source: Source::Spans,
        all: traffic.requests(),
        traffic,
        routes: BTreeMap::new(),
        without_durations: BTreeSet::new(),
    }))
}

/// From all series of the source.
pub(super) fn of_series(source: Source, mut series: Vec<Series>) -> Requests {
    let sum = |series: &[Series]| {
        let steps = source.by_time(series);
        Traffic::sum(steps.values()).unwrap_or_else(|| source.nothing())
    };
    let all = sum(&series).requests();
    series.retain(|series| !is_load_test(&series.attributes));
    let is_histogram = |series: &&Series| {
        matches!(series.kind, MetricKind::ExplicitHistogram | MetricKind::ExponentialHistogram)
    };
    let route = |attributes: &Attributes| Route::of(attributes);
    let (known, others): (Vec<&Series>, Vec<&Series>) = series.iter().partition(is_histogram);
    let known: BTreeSet<Route> = known.iter().map(|series| route(&series.attributes)).collect();
    let others = others.iter().map(|series| route(&series.attributes));
    Requests {
        source,
        traffic: sum(&series),
        routes: source.by_route(&series),
        all,
        without_durations: others.filter(|route| !known.contains(route)).collect(),
    }
}
