//! Metrics beside those of the golden signals, each as one line.

use std::collections::BTreeMap;

use seaworthy_telemetry::{
    histogram::{ExplicitHistogram, ExponentialHistogram},
    metric::{CellValue, MetricKind, Series},
    model::{UnixNanos, Window},
};

use super::{MetricView, steps::step_starts};
use crate::{signals::Source, view::range::Range};

/// Every metric that the golden signals do not show already.
pub(super) fn metrics(series: &[Series], window: Window, range: Range) -> Vec<MetricView> {
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
