//! How full a resource has been over weeks, and where that leads.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use seaworthy_records::{NoTrend, Trend};
use seaworthy_telemetry::{
    ReadError, Telemetry,
    metric::{Cell, CellValue, MetricQuery, Series},
    model::{UnixNanos, Window},
};
use thiserror::Error;

use super::Resource;
use crate::view::range::{MINUTE, nanos, timestamp};

const HOUR: UnixNanos = 60 * MINUTE;
/// A forecast rests on no more, and on no more than telemetry is kept.
const MOST_DAYS: u64 = 90;
/// What was last told of longer ago leads nowhere.
const SILENT_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub(crate) enum NoForecast {
    /// Too few days are known.
    #[error(transparent)]
    NoTrend(#[from] NoTrend),
    /// Nothing has told of it for more than a day.
    #[error("nothing has told of it for more than a day")]
    Silent,
}

/// How full a resource was, and where that leads.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) resource: Resource,
    /// By the hour that begins, the share of its limit that the fullest instance used; of CPU the mean of the hour, of memory
    /// the highest.
    pub(crate) hours: BTreeMap<UnixNanos, f64>,
    /// The trend of that share.
    pub(crate) trend: Result<Trend, NoForecast>,
}

/// When a limit is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RunsOut {
    /// If it goes on along the line.
    pub(crate) expected: Timestamp,
    /// If it grows as fast as it may.
    pub(crate) earliest: Timestamp,
    /// If it grows as slowly as it may; none where it may not grow at all.
    pub(crate) latest: Option<Timestamp>,
}

impl RunsOut {
    /// When the whole of a resource is used; none where the trend does not lead there.
    pub(crate) fn of(trend: &Trend) -> Option<Self> {
        let found = trend.runs_out(1.0)?;
        // The slowest way may take longer than any calendar lasts.
        let at = |days: f64| {
            let ahead = SignedDuration::try_from_secs_f64(days * 86_400.0).ok();
            ahead.and_then(|ahead| trend.until.checked_add(ahead).ok()).unwrap_or(Timestamp::MAX)
        };
        Some(Self {
            expected: at(found.expected_days),
            earliest: at(found.earliest_days),
            latest: found.latest_days.map(at),
        })
    }
}

/// The resources of which both use and limit are told, as far back as a forecast looks.
pub(crate) async fn courses(
    telemetry: &dyn Telemetry,
    service: &str,
    now: Timestamp,
) -> Result<Vec<Course>, ReadError> {
    let to = (nanos(now) / MINUTE * MINUTE).saturating_sub(MINUTE);
    let window = Window { from: to.saturating_sub(MOST_DAYS * 24 * HOUR), to };
    let mut courses = Vec::new();
    for resource in Resource::ALL {
        let series = async |name: &str| {
            let (service, name) = (Some(service.to_owned()), Some(name.to_owned()));
            telemetry.series(MetricQuery { service, name, window, step_minutes: 60 }).await
        };
        let (used, limit) = metrics(resource);
        let hours = shares(resource, &series(used).await?, &series(limit).await?);
        if !hours.is_empty() {
            courses.push(Course { resource, trend: trend(&hours, now), hours });
        }
    }
    Ok(courses)
}

/// The metrics that tell of the use of a resource and of its limit.
const fn metrics(resource: Resource) -> (&'static str, &'static str) {
    match resource {
        Resource::Cpu => ("process.cpu.time", "process.cpu.limit"),
        Resource::Memory => ("process.memory.usage", "process.memory.limit"),
    }
}

fn trend(hours: &BTreeMap<UnixNanos, f64>, now: Timestamp) -> Result<Trend, NoForecast> {
    let trend = Trend::of(hours.iter().map(|(hour, share)| (timestamp(hour + HOUR), *share)))?;
    if now.duration_since(trend.until) > SILENT_AFTER { Err(NoForecast::Silent) } else { Ok(trend) }
}

/// By hour, how much of its limit the fullest instance used.
fn shares(resource: Resource, used: &[Series], limits: &[Series]) -> BTreeMap<UnixNanos, f64> {
    let mut limit: BTreeMap<(&str, UnixNanos), f64> = BTreeMap::new();
    for series in limits {
        for cell in &series.cells {
            if let CellValue::Level { last, .. } = cell.value {
                limit.insert((&series.instance, cell.at), last);
            }
        }
    }
    let mut in_use: BTreeMap<(&str, UnixNanos), f64> = BTreeMap::new();
    for series in used {
        for cell in &series.cells {
            // Time in user mode and in the system's are series of their own.
            *in_use.entry((&series.instance, cell.at)).or_default() +=
                of_hour(resource, cell).unwrap_or_default();
        }
    }
    let mut shares: BTreeMap<UnixNanos, f64> = BTreeMap::new();
    for ((instance, hour), used) in in_use {
        if let Some(limit) = limit.get(&(instance, hour)).filter(|limit| **limit > 0.0) {
            let share = shares.entry(hour).or_default();
            *share = share.max(used / limit);
        }
    }
    shares
}

/// How much of it was in use in a cell of an hour, in the unit of its limit.
fn of_hour(resource: Resource, cell: &Cell) -> Option<f64> {
    match (resource, &cell.value) {
        (Resource::Cpu, CellValue::Increase(seconds)) => Some(seconds / 3_600.0),
        (Resource::Memory, CellValue::Level { max, .. }) => Some(*max),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use seaworthy_telemetry::{
        EmbeddedSettings, EmbeddedStore,
        metric::{MetricKind, MetricPoint, PointValue},
        model::Resource as Sender,
    };

    use super::*;

    const DAY: u64 = 24 * HOUR;
    /// Midnight.
    const BEGIN: u64 = 20_600 * DAY;

    /// A level in the middle of each hour of some days.
    fn levels(name: &str, days: u64, level: impl Fn(u64) -> f64) -> Vec<MetricPoint> {
        let sender = Sender { service: "till".into(), instance: "till-1".into(), attributes: vec![] };
        let sender = Arc::new(sender);
        let point = |hour: u64| MetricPoint {
            resource: sender.clone(),
            name: name.into(),
            unit: "By".into(),
            kind: MetricKind::Gauge,
            temporality: None,
            attributes: vec![],
            start: 0,
            time: BEGIN + hour * HOUR + HOUR / 2,
            value: PointValue::Number(level(hour)),
        };
        (0..days * 24).map(point).collect()
    }

    /// Midnight after so many days.
    pub(in super::super) fn after(days: u64) -> Timestamp {
        timestamp(BEGIN + days * DAY)
    }

    /// A store in which `till` has told for some days of its memory, of which it may use 1,000 bytes.
    pub(in super::super) async fn till(
        days: u64,
        level: impl Fn(u64) -> f64,
    ) -> (EmbeddedStore, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::open(folder.path(), EmbeddedSettings::default()).unwrap();
        store.append_points(levels("process.memory.usage", days, level)).await.unwrap();
        store.append_points(levels("process.memory.limit", days, |_| 1_000.0)).await.unwrap();
        (store, folder)
    }

    async fn of(days: u64, later: u64, level: impl Fn(u64) -> f64) -> Course {
        let (store, _folder) = till(days, level).await;
        let courses = courses(&store, "till", after(days + later)).await.unwrap();
        store.close().await;
        let [course] = <[Course; 1]>::try_from(courses).unwrap();
        course
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_grows_towards_its_limit_runs_out_when_the_line_reaches_it() {
        // 400 on the tenth day, and 30 a day more: 1,000 is reached after 20.
        let course = of(10, 0, |hour| 130.0 + (hour / 24) as f64 * 30.0).await;
        assert_eq!((course.resource, course.hours.len()), (Resource::Memory, 240));
        let runs_out = RunsOut::of(&course.trend.unwrap()).unwrap();
        for at in [runs_out.expected, runs_out.earliest, runs_out.latest.unwrap()] {
            assert!(at.duration_since(after(30)).abs() < SignedDuration::from_secs(1), "{runs_out:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_shrinks_does_not_run_out_and_few_days_or_old_ones_say_nothing() {
        let shrinking = of(10, 0, |hour| 800.0 - (hour / 24) as f64 * 5.0).await;
        assert_eq!(RunsOut::of(&shrinking.trend.unwrap()), None);
        let few = of(5, 0, |_| 500.0).await;
        assert_eq!(few.trend, Err(NoForecast::NoTrend(NoTrend::TooFewDays(5))));
        assert!(of(10, 1, |_| 500.0).await.trend.is_ok());
        assert_eq!(of(10, 2, |_| 500.0).await.trend, Err(NoForecast::Silent));
    }
}
