//! The golden signals by step of time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_telemetry::{
    metric::{Cell, CellValue, Series},
    model::{UnixNanos, Window},
};

use super::{StepView, requests::traffic_view};
use crate::{
    signals::Traffic,
    view::range::{MINUTE, Range, rate_seconds, timestamp},
};

const CPU: &str = "process.cpu.time";

/// When each step of the window begins.
pub(super) fn step_starts(window: Window, range: Range) -> impl Iterator<Item = UnixNanos> {
    let step = u64::from(range.step_minutes()) * MINUTE;
    (window.from..window.to).step_by(step as usize)
}

/// Every step of the window, with what is known of it.
pub(super) fn steps(
    by_time: &BTreeMap<UnixNanos, Traffic>,
    series: &[Series],
    window: Window,
    range: Range,
    now: Timestamp,
) -> Vec<StepView> {
    let step = u64::from(range.step_minutes()) * MINUTE;
    let rate_seconds = |at, first| rate_seconds(Window { from: at, to: at + step }, first, now);
    let of_cpu = series.iter().filter(|series| series.name == CPU).flat_map(|series| &series.cells);
    let first = of_cpu.map(|cell| cell.at).min();
    let cpu = share_of_limit(series, CPU, "process.cpu.limit", |cell| match cell.value {
        CellValue::Increase(seconds) => Some(seconds / rate_seconds(cell.at, first)?),
        _ => None,
    });
    let memory =
        share_of_limit(series, "process.memory.usage", "process.memory.limit", |cell| match cell.value {
            CellValue::Level { last, .. } => Some(last),
            _ => None,
        });
    let first = by_time.keys().next().copied();
    let traffic = |at| {
        let seconds = rate_seconds(at, first).unwrap_or_default();
        by_time.get(&at).map(|traffic| traffic_view(traffic, seconds)).unwrap_or_default()
    };
    step_starts(window, range)
        .map(|at| StepView {
            at: timestamp(at),
            traffic: traffic(at),
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
            if let Some(used) = used(cell) {
                *by_instance.entry((&series.instance, cell.at)).or_default() += used;
            }
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
