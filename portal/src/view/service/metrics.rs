//! Metrics beside those of the golden signals, each as one line.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use seaworthy_telemetry::{
    histogram::{ExplicitHistogram, ExponentialHistogram},
    metric::{CellValue, MetricKind, Series},
    model::{UnixNanos, Window},
};

use super::{MetricView, steps::step_starts};
use crate::{
    signals::Source,
    view::range::{MINUTE, Range, rate_seconds},
};

/// Every metric that the golden signals do not show already.
pub(super) fn metrics(series: &[Series], window: Window, range: Range, now: Timestamp) -> Vec<MetricView> {
    let mut by_name: BTreeMap<&str, Vec<&Series>> = BTreeMap::new();
    for series in series {
        if !Source::METRICS.iter().any(|source| source.metric() == Some(series.name.as_str())) {
            by_name.entry(&series.name).or_default().push(series);
        }
    }
    let told = series.iter().flat_map(|series| &series.cells).map(|cell| cell.at).collect();
    let steps = Steps { window, range, told, now };
    by_name.into_iter().filter_map(|(name, series)| metric(name, &series, &steps)).collect()
}

struct Steps {
    window: Window,
    range: Range,
    /// Those in which the service has told anything.
    told: HashSet<UnixNanos>,
    now: Timestamp,
}

impl Steps {
    fn starts(&self) -> impl Iterator<Item = UnixNanos> + use<> {
        step_starts(self.window, self.range)
    }

    fn rate_seconds(&self, at: UnixNanos, first: Option<UnixNanos>) -> Option<f64> {
        let step = u64::from(self.range.step_minutes()) * MINUTE;
        rate_seconds(Window { from: at, to: at + step }, first, self.now)
    }
}

fn metric(name: &str, series: &[&Series], steps: &Steps) -> Option<MetricView> {
    let first = series.first()?;
    let since = series.iter().flat_map(|series| &series.cells).map(|cell| cell.at).min();
    let point = |at| {
        let seconds = steps.rate_seconds(at, since);
        // A counter that has not increased need not be sent: where the service has told anything since, that is 0.
        let is_still = first.kind == MetricKind::Counter
            && since.is_some_and(|since| at > since)
            && steps.told.contains(&at);
        point(series, at, seconds).or((is_still && seconds.is_some()).then_some(0.0))
    };
    let points: Vec<Option<f64>> = steps.starts().map(point).collect();
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

/// All series of a metric at one step: rates and up-down counters add up, of gauges the mean is shown. What has increased is a rate by `seconds`,
/// where those are known.
fn point(series: &[&Series], at: UnixNanos, seconds: Option<f64>) -> Option<f64> {
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
        CellValue::Increase(_) => Some(sum(increase) / seconds?),
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
    let mut exponential = ExponentialHistogram::default();
    let mut explicit = ExplicitHistogram::default();
    for (_, cell) in cells {
        match cell {
            CellValue::Exponential(histogram) => exponential.merge(histogram),
            CellValue::Explicit(histogram) => explicit.merge(histogram),
            CellValue::Increase(_) | CellValue::Level { .. } => {}
        }
    }
    exponential.quantile(0.5).or_else(|| explicit.quantile(0.5))
}

#[cfg(test)]
mod tests {
    use seaworthy_telemetry::{metric::Cell, model::Attributes};

    use super::*;

    fn series(name: &str, kind: MetricKind, values: &[(u64, CellValue)]) -> Series {
        let cells = values.iter().map(|(minute, value)| Cell { at: minute * MINUTE, value: value.clone() });
        Series {
            service: "reception".to_owned(),
            instance: "till-1".to_owned(),
            name: name.to_owned(),
            unit: String::new(),
            kind,
            attributes: Attributes::default(),
            cells: cells.collect(),
        }
    }

    #[test]
    fn a_counter_that_does_not_increase_any_more_is_at_zero_and_a_step_that_is_not_over_has_no_rate() {
        let level = CellValue::Level { last: 7.0, min: 7.0, max: 7.0 };
        let by = |increase| CellValue::Increase(increase);
        let told = [
            series("panics", MetricKind::Counter, &[(2, by(120.0)), (3, by(60.0))]),
            series("lines", MetricKind::Counter, &[(7, by(6.0))]),
            // Nothing was told in minute 6.
            series("queue", MetricKind::Gauge, &[1, 2, 3, 4, 5, 7].map(|minute| (minute, level.clone()))),
        ];
        let now = Timestamp::from_nanosecond(i128::from(7 * MINUTE + MINUTE / 2)).unwrap();
        let window = Window { from: 0, to: 8 * MINUTE };
        let views = metrics(&told, window, Range::Hour, now);
        let points = |name: &str| &views.iter().find(|view| view.name == name).unwrap().points;
        let (none, zero) = (None, Some(0.0));
        assert_eq!(*points("panics"), [none, none, Some(2.0), Some(1.0), zero, zero, none, none]);
        // Its first, of half a minute: better than nothing.
        assert_eq!(points("lines").last(), Some(&Some(0.2)));
        let seven = Some(7.0);
        assert_eq!(*points("queue"), [none, seven, seven, seven, seven, seven, none, seven]);
        let latest: Vec<_> = views.iter().map(|view| (view.name.as_str(), view.latest)).collect();
        assert_eq!(latest, [("lines", Some(0.2)), ("panics", zero), ("queue", seven)]);
    }
}
