use std::collections::BTreeMap;

use proptest::prelude::*;
use seaworthy_telemetry::{
    EmbeddedSettings, EmbeddedStore, Telemetry,
    histogram::{ExplicitHistogram, ExponentialHistogram},
    metric::{Cell, CellValue, MetricKind, MetricPoint, MetricQuery, PointValue, Temporality},
    model::Window,
};

use crate::support::{ALWAYS, MINUTE, NOON, SECOND, cumulative, delta, open, store};

fn everything(step_minutes: u32) -> MetricQuery {
    MetricQuery { service: None, name: None, window: ALWAYS, step_minutes }
}

async fn increases(store: &EmbeddedStore) -> Vec<(u64, f64)> {
    let series = store.series(everything(1)).await.unwrap();
    assert!(series.len() <= 1, "{series:?}");
    let cells = series.into_iter().flat_map(|series| series.cells);
    cells
        .map(|cell| match cell.value {
            CellValue::Increase(by) => ((cell.at - NOON) / MINUTE, by),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[tokio::test]
async fn deltas_are_counted_once_in_the_minute_they_speak_of() {
    let (store, folder) = store();
    store.append_points(vec![delta(NOON + 10 * SECOND, 3.0), delta(NOON + MINUTE, 4.0)]).await.unwrap();
    store.append_points(vec![delta(NOON + 10 * SECOND, 3.0)]).await.unwrap();
    store.append_points(vec![delta(NOON + MINUTE + 1, 5.0)]).await.unwrap();
    store.close().await;
    let store = open(&folder);
    store.append_points(vec![delta(NOON + MINUTE, 4.0), delta(NOON + 20 * SECOND, 2.0)]).await.unwrap();
    assert_eq!(increases(&store).await, [(0, 9.0), (1, 5.0)]);
}

#[tokio::test]
async fn cumulative_counters_survive_resets_restarts_and_midnight() {
    let hour = 60 * MINUTE;
    let cases: Vec<(&str, Vec<MetricPoint>, f64)> = vec![
        (
            "from its start",
            vec![cumulative(NOON, NOON + MINUTE, 5.0), cumulative(NOON, NOON + 2 * MINUTE, 7.0)],
            7.0,
        ),
        (
            "began long before it was seen",
            vec![cumulative(NOON - hour, NOON, 1e6), cumulative(NOON - hour, NOON + MINUTE, 1e6 + 2.0)],
            2.0,
        ),
        ("without a start", vec![cumulative(0, NOON, 50.0), cumulative(0, NOON + MINUTE, 53.0)], 3.0),
        (
            "restarted",
            vec![
                cumulative(NOON, NOON + MINUTE, 5.0),
                cumulative(NOON + 90 * SECOND, NOON + 2 * MINUTE, 2.0),
            ],
            7.0,
        ),
        (
            "fell without saying so",
            vec![cumulative(NOON, NOON + MINUTE, 5.0), cumulative(NOON, NOON + 2 * MINUTE, 2.0)],
            7.0,
        ),
        ("doubled", vec![cumulative(NOON, NOON + MINUTE, 5.0), cumulative(NOON, NOON + MINUTE, 5.0)], 5.0),
        (
            "overtaken",
            vec![
                cumulative(NOON, NOON + 2 * MINUTE, 9.0),
                cumulative(NOON, NOON + MINUTE, 5.0),
                cumulative(NOON, NOON + 3 * MINUTE, 10.0),
            ],
            10.0,
        ),
        (
            "over midnight",
            vec![cumulative(NOON, NOON + MINUTE, 5.0), cumulative(NOON, NOON + 13 * hour, 8.0)],
            8.0,
        ),
    ];
    for (what, points, total) in cases {
        let (store, _folder) = store();
        for point in points {
            store.append_points(vec![point]).await.unwrap();
        }
        let sum: f64 = increases(&store).await.into_iter().map(|(_, by)| by).sum();
        assert_eq!(sum, total, "{what}");
    }
}

#[tokio::test]
async fn gauges_and_up_down_counters_are_levels() {
    let (store, _folder) = store();
    let gauge = |time, value| MetricPoint {
        kind: MetricKind::Gauge,
        temporality: None,
        name: "temperature".into(),
        ..delta(time, value)
    };
    let in_flight = |time, change| MetricPoint {
        kind: MetricKind::UpDownCounter,
        name: "in flight".into(),
        ..delta(time, change)
    };
    store.append_points(vec![gauge(NOON + 2, 91.0), gauge(NOON + 3, 88.0)]).await.unwrap();
    store.append_points(vec![gauge(NOON + 1, 95.0)]).await.unwrap();
    store
        .append_points(vec![in_flight(NOON + 10 * SECOND, 3.0), in_flight(NOON + 20 * SECOND, -2.0)])
        .await
        .unwrap();
    let series = store.series(everything(1)).await.unwrap();
    let level = |name: &str| series.iter().find(|series| series.name == name).unwrap().cells[0].value.clone();
    assert_eq!(level("temperature"), CellValue::Level { last: 88.0, min: 88.0, max: 95.0 });
    assert_eq!(level("in flight"), CellValue::Level { last: 1.0, min: 1.0, max: 3.0 });
}

#[tokio::test]
async fn histograms_add_up_over_series_steps_and_temporalities() {
    let (store, _folder) = store();
    let explicit = |counts: [u64; 3], sum| {
        PointValue::Explicit(ExplicitHistogram { bounds: vec![0.1, 1.0], counts: counts.into(), sum })
    };
    let point = |minute: u64, value| MetricPoint {
        kind: MetricKind::ExplicitHistogram,
        name: "old".into(),
        value,
        ..cumulative(NOON, NOON + minute * MINUTE, 0.0)
    };
    store
        .append_points(vec![point(1, explicit([1, 0, 0], 0.1)), point(7, explicit([1, 2, 1], 9.0))])
        .await
        .unwrap();

    let mut seconds = ExponentialHistogram::empty(5);
    seconds.record(0.25);
    let exponential = |time| MetricPoint {
        kind: MetricKind::ExponentialHistogram,
        name: "new".into(),
        value: PointValue::Exponential(seconds.clone()),
        ..delta(time, 0.0)
    };
    store.append_points((1..=12).map(|step| exponential(NOON + step * 10 * SECOND)).collect()).await.unwrap();

    let series = store.series(everything(60)).await.unwrap();
    let cells = |name: &str| series.iter().find(|series| series.name == name).unwrap().cells.clone();
    let CellValue::Explicit(old) = &cells("old")[0].value else { panic!("{series:?}") };
    assert_eq!((old.counts.as_slice(), old.sum), ([1, 2, 1].as_slice(), 9.0));
    let CellValue::Exponential(new) = &cells("new")[0].value else { panic!("{series:?}") };
    assert_eq!(new.count(), 12);
    assert_eq!(cells("new").len(), 1);
    assert_eq!(
        store.series(everything(1)).await.unwrap().iter().map(|s| s.cells.len()).sum::<usize>(),
        2 + 2
    );
}

#[tokio::test]
async fn two_processes_that_share_a_name_are_two_series() {
    let (store, _folder) = store();
    let mut other = delta(NOON + 10 * SECOND, 4.0);
    let mut resource = (*other.resource).clone();
    resource.attributes.push(("process.pid".into(), seaworthy_telemetry::model::Value::Int(2)));
    other.resource = resource.into();
    store.append_points(vec![delta(NOON + 10 * SECOND, 3.0), other]).await.unwrap();
    assert_eq!(store.series(everything(1)).await.unwrap().len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However points are split into requests, doubled, and (deltas) shuffled, the cells are the same.
    #[test]
    fn delivery_does_not_bend_the_counts(
        values in prop::collection::vec(0u32..100, 1..20),
        doubled in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        order in any::<prop::sample::Index>(),
        size in 1usize..6,
        temporality in prop::sample::select(vec![Temporality::Delta, Temporality::Cumulative]),
    ) {
        let mut total = 0.0;
        let mut points: Vec<MetricPoint> = (1..).zip(&values).map(|(step, value)| {
            total += f64::from(*value);
            let time = NOON + step * 10 * SECOND;
            match temporality {
                Temporality::Delta => delta(time, f64::from(*value)),
                Temporality::Cumulative => cumulative(NOON, time, total),
            }
        }).collect();
        let straight = points.clone();
        for index in doubled {
            let copy = points[index.index(points.len())].clone();
            points.push(copy);
        }
        if temporality == Temporality::Delta {
            let middle = order.index(points.len());
            points.rotate_left(middle);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (sent, expected) = runtime.block_on(async {
            let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
            let [sent, expected] =
                folders.each_ref().map(|folder| EmbeddedStore::open(folder.path(), EmbeddedSettings::default()).unwrap());
            for request in points.chunks(size) {
                sent.append_points(request.to_vec()).await.unwrap();
            }
            expected.append_points(straight).await.unwrap();
            (increases(&sent).await, increases(&expected).await)
        });
        prop_assert_eq!(sent.iter().map(|(_, by)| by).sum::<f64>(), total);
        if temporality == Temporality::Delta {
            prop_assert_eq!(sent, expected);
        }
    }

    /// Coarse steps are read from other cells than minutes are; both say the same, wherever the window begins and ends.
    #[test]
    fn long_steps_hold_what_their_minutes_hold(
        values in prop::collection::vec((0..40 * 60 * MINUTE, 0u32..100), 1..80),
        size in 1usize..30,
        (from, length) in (0..30 * 60u64, 1..40 * 60u64),
        hours in prop::sample::select(vec![1u32, 2, 8]),
    ) {
        let points: Vec<MetricPoint> = values.iter().flat_map(|(after, value)| {
            let counter = delta(NOON + after, f64::from(*value));
            [MetricPoint { kind: MetricKind::Gauge, temporality: None, name: "beans".into(), ..counter.clone() }, counter]
        }).collect();
        let window = Window { from: NOON + from * MINUTE, to: NOON + (from + length) * MINUTE };
        let query = |step_minutes| MetricQuery { window, ..everything(step_minutes) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (minutes, long) = runtime.block_on(async {
            let (store, _folder) = store();
            for request in points.chunks(size) {
                store.append_points(request.to_vec()).await.unwrap();
            }
            (store.series(query(1)).await.unwrap(), store.series(query(60 * hours)).await.unwrap())
        });
        let step = 60 * MINUTE * u64::from(hours);
        let joined: Vec<_> = minutes.iter().map(|series| (series.name.clone(), joined(&series.cells, step))).collect();
        let long: Vec<_> = long.iter().map(|series| (series.name.clone(), numbers_of(&series.cells))).collect();
        prop_assert_eq!(long, joined);
    }
}

/// Cells of minutes, joined by hand: the last level, the smallest, the largest; or the sum.
fn joined(cells: &[Cell], step: u64) -> Vec<(u64, [f64; 3])> {
    let mut steps: BTreeMap<u64, [f64; 3]> = BTreeMap::new();
    for (at, cell) in numbers_of(cells) {
        steps
            .entry(at - at % step)
            .and_modify(|known| {
                let sums = matches!(cells[0].value, CellValue::Increase(_));
                *known = match sums {
                    true => [known[0] + cell[0]; 3],
                    false => [cell[0], known[1].min(cell[1]), known[2].max(cell[2])],
                };
            })
            .or_insert(cell);
    }
    steps.into_iter().collect()
}

fn numbers_of(cells: &[Cell]) -> Vec<(u64, [f64; 3])> {
    let of = |value: &CellValue| match value {
        CellValue::Increase(by) => [*by; 3],
        CellValue::Level { last, min, max } => [*last, *min, *max],
        other => panic!("{other:?}"),
    };
    cells.iter().map(|cell| (cell.at, of(&cell.value))).collect()
}
