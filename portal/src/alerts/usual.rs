//! Reads how services do now, and how they did at this hour of other days.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::Timestamp;
use seaworthy_telemetry::{
    ReadError, Telemetry,
    metric::{MetricQuery, Series},
    model::{UnixNanos, Window},
};

use super::rules::unusual::{DAYS, MINUTES, Sample};
use crate::signals::{Source, Traffic, of_spans};

const MINUTE: u64 = 60_000_000_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Minutes that are read again: points may come so late and still count.
const AGAIN: u64 = 2 * MINUTE;

/// Samples by service.
pub(super) type Samples = BTreeMap<String, Sample>;
type Steps = BTreeMap<UnixNanos, Traffic>;

/// The last minutes of every service. Of what was read before, only the latest is read again.
#[derive(Debug, Default)]
pub(super) struct LastMinutes {
    read_to: UnixNanos,
    services: BTreeMap<String, Steps>,
}

/// What other days were like, read once an hour.
#[derive(Debug, Default)]
pub(super) struct OtherDays {
    hour: u64,
    days: BTreeMap<String, Vec<Sample>>,
}

impl LastMinutes {
    /// Requests of the last 15 whole minutes of each service that had any.
    pub(super) async fn at(
        &mut self,
        telemetry: &dyn Telemetry,
        now: Timestamp,
    ) -> Result<Samples, ReadError> {
        let to = nanos(now) / MINUTE * MINUTE;
        let begin = to.saturating_sub(u64::from(MINUTES) * MINUTE);
        let known = if self.read_to <= to { self.read_to.saturating_sub(AGAIN) } else { 0 };
        let from = known.max(begin);
        for (service, steps) in traffic(telemetry, Window { from, to }, 1).await? {
            self.services.entry(service).or_default().extend(steps);
        }
        self.read_to = to;
        self.services.retain(|_, steps| {
            steps.retain(|at, _| (begin..to).contains(at));
            !steps.is_empty()
        });
        let samples = self.services.iter();
        Ok(samples.map(|(service, steps)| (service.clone(), Sample::of(steps.values()))).collect())
    }
}

impl OtherDays {
    /// The same hour of other days, for each service that had requests in it, latest day first.
    pub(super) async fn at(
        &mut self,
        telemetry: &dyn Telemetry,
        now: Timestamp,
    ) -> Result<&BTreeMap<String, Vec<Sample>>, ReadError> {
        // The hour in which the middle of the last minutes lies.
        let middle = nanos(now).saturating_sub(u64::from(MINUTES) * MINUTE / 2);
        let hour = middle / HOUR * HOUR;
        if self.hour != hour {
            self.days = read(telemetry, hour).await?;
            self.hour = hour;
        }
        Ok(&self.days)
    }
}

async fn read(telemetry: &dyn Telemetry, hour: u64) -> Result<BTreeMap<String, Vec<Sample>>, ReadError> {
    let mut found: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for day in 1..=u64::from(DAYS) {
        let from = hour.saturating_sub(day * DAY);
        for (service, steps) in traffic(telemetry, Window { from, to: from + HOUR }, 60).await? {
            found.entry(service).or_default().push(Sample::of(steps.values()));
        }
    }
    Ok(found)
}

/// What each service did, from the source that it has.
async fn traffic(
    telemetry: &dyn Telemetry,
    window: Window,
    step_minutes: u32,
) -> Result<BTreeMap<String, Steps>, ReadError> {
    let mut found: BTreeMap<String, Steps> = BTreeMap::new();
    for source in Source::METRICS {
        let name = source.metric().map(str::to_owned);
        let series = telemetry.series(MetricQuery { service: None, name, window, step_minutes }).await?;
        for (service, series) in by_service(series) {
            found.entry(service).or_insert_with(|| source.by_time(&series));
        }
    }
    for service in telemetry.services(window).await? {
        if let Entry::Vacant(place) = found.entry(service) {
            let minutes = telemetry.span_minutes(place.key(), window).await?;
            place.insert(of_spans(&minutes, u64::from(step_minutes) * MINUTE));
        }
    }
    Ok(found)
}

fn by_service(series: Vec<Series>) -> BTreeMap<String, Vec<Series>> {
    let mut grouped: BTreeMap<String, Vec<Series>> = BTreeMap::new();
    for series in series {
        grouped.entry(series.service.clone()).or_default().push(series);
    }
    grouped
}

fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.as_nanosecond()).unwrap_or_default()
}

impl Sample {
    fn of<'t>(steps: impl IntoIterator<Item = &'t Traffic>) -> Self {
        Traffic::sum(steps).map_or_else(Self::default, |sum| Self {
            requests: sum.requests(),
            refused: sum.refused(),
            failed: sum.errors(),
            p95_seconds: sum.quantile(0.95),
        })
    }
}
