//! Which resources of a service run out, by the trend of weeks.

use std::collections::BTreeMap;

use seaworthy_records::Trend;
use seaworthy_telemetry::{
    ReadError, Telemetry,
    metric::{Cell, CellValue, MetricQuery, Series},
    model::{UnixNanos, Window},
};

use crate::view::range::{MINUTE, timestamp};

const HOUR: UnixNanos = 60 * MINUTE;
/// What runs out within so many days is told.
const DAYS: f64 = 30.0;

/// A resource, and what tells of its use and of its limit.
struct Resource {
    name: &'static str,
    used: &'static str,
    limit: &'static str,
    /// How much of it was in use in a cell of an hour, in the unit of its limit.
    of_hour: fn(&Cell) -> Option<f64>,
}

const RESOURCES: [Resource; 2] = [
    Resource {
        name: "CPU",
        used: "process.cpu.time",
        limit: "process.cpu.limit",
        of_hour: |cell| match cell.value {
            CellValue::Increase(seconds) => Some(seconds / 3_600.0),
            _ => None,
        },
    },
    Resource {
        name: "memory",
        used: "process.memory.usage",
        limit: "process.memory.limit",
        of_hour: |cell| match cell.value {
            CellValue::Level { max, .. } => Some(max),
            _ => None,
        },
    },
];

/// The resources whose trend reaches their limit within 30 days of its last point, by name. None where no resource has a
/// trend, because too little is known of it.
pub(super) async fn running_out(
    telemetry: &dyn Telemetry,
    service: &str,
    window: Window,
) -> Result<Option<Vec<&'static str>>, ReadError> {
    let mut running_out = None;
    for resource in &RESOURCES {
        let series = async |name: &str| {
            let (service, name) = (Some(service.to_owned()), Some(name.to_owned()));
            telemetry.series(MetricQuery { service, name, window, step_minutes: 60 }).await
        };
        let hours = shares(resource, &series(resource.used).await?, &series(resource.limit).await?);
        let points = hours.into_iter().map(|(hour, share)| (timestamp(hour + HOUR), share));
        let Ok(trend) = Trend::of(points) else { continue };
        let found: &mut Vec<&'static str> = running_out.get_or_insert_default();
        let soon = trend.runs_out(1.0).is_some_and(|runs_out| runs_out.expected_days <= DAYS);
        found.extend(soon.then_some(resource.name));
    }
    Ok(running_out)
}

/// By hour, how much of its limit the fullest instance used.
fn shares(resource: &Resource, used: &[Series], limits: &[Series]) -> BTreeMap<UnixNanos, f64> {
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
                (resource.of_hour)(cell).unwrap_or_default();
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

#[cfg(test)]
mod tests {
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

    async fn of(days: u64, level: impl Fn(u64) -> f64) -> Option<Vec<&'static str>> {
        let folder = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::open(folder.path(), EmbeddedSettings::default()).unwrap();
        store.append_points(levels("process.memory.usage", days, level)).await.unwrap();
        store.append_points(levels("process.memory.limit", days, |_| 1_000.0)).await.unwrap();
        let window = Window { from: BEGIN, to: BEGIN + 30 * DAY };
        let found = running_out(&store, "till", window).await.unwrap();
        store.close().await;
        found
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_grows_towards_its_limit_runs_out_and_a_few_days_say_nothing() {
        // 400 on the tenth day, and 30 a day more: 1,000 is reached after 20. With 20 a day it is after 34.
        let growing = |per_day: f64| move |hour: u64| 130.0 + (hour / 24) as f64 * per_day;
        assert_eq!(of(10, growing(30.0)).await, Some(vec!["memory"]));
        assert_eq!(of(10, growing(20.0)).await, Some(vec![]));
        assert_eq!(of(10, growing(-5.0)).await, Some(vec![]));
        assert_eq!(of(5, growing(30.0)).await, None);
    }
}
