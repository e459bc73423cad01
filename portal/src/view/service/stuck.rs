//! What goes wrong in no golden signal: requests that have not ended, and worker threads that are blocked.

use std::{borrow::Cow, collections::HashMap};

use jiff::Timestamp;
use seaworthy_telemetry::metric::{CellValue, Series};

use super::{BlockedView, HangingView, RouteView};
use crate::view::{
    now::{NowView, RequestLine},
    range::Range,
};

/// A request that has lasted for as long is told, if that is many times what half of the requests of its route last at most.
const LONG_SECONDS: f64 = 5.0;
const TIMES_USUAL: f64 = 20.0;

/// As the agent names it.
const SLOW_POLLS: &str = "seaworthy.task.slow_polls";
/// How far back slow polls are counted, at least.
const MINUTES: u64 = 5;
/// And from how many a minute on they are told: one now and then does not matter much.
const A_MINUTE: f64 = 1.0;

/// Some requests last long by design, as those that stream: what is usual on their route tells.
pub(super) fn hanging(now: &NowView, routes: &[RouteView]) -> Option<HangingView> {
    let usual = |request: &RequestLine| {
        let own = |route: &&RouteView| {
            route.method == request.method && route.route == request.route.as_deref().unwrap_or_default()
        };
        routes.iter().find(own)?.traffic.p50_seconds
    };
    let long: Vec<f64> = now
        .requests
        .oldest
        .iter()
        .map(|request| (request, request.since.age_ms as f64 / 1e3))
        .filter(|(request, age)| *age >= LONG_SECONDS.max(TIMES_USUAL * usual(request).unwrap_or_default()))
        .map(|(_, age)| age)
        .collect();
    // The oldest comes first.
    let oldest_seconds = *long.first()?;
    Some(HangingView { requests: long.len(), oldest_seconds })
}

/// Of all instances together.
pub(super) fn blocked(series: &[Series], range: Range, now: Timestamp) -> Option<BlockedView> {
    let minutes = MINUTES.max(u64::from(range.step_minutes()));
    let from =
        u64::try_from(now.as_nanosecond()).unwrap_or_default().saturating_sub(minutes * 60_000_000_000);
    let mut places: HashMap<String, f64> = HashMap::new();
    for series in series.iter().filter(|series| series.name == SLOW_POLLS) {
        let lately = series.cells.iter().filter(|cell| cell.at >= from);
        let polls: f64 =
            lately.map(|cell| if let CellValue::Increase(by) = cell.value { by } else { 0.0 }).sum();
        *places.entry(place(series)).or_default() += polls;
    }
    let polls: f64 = places.values().sum();
    let (place, _) =
        places.into_iter().max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))?;
    (polls >= A_MINUTE * minutes as f64).then(|| BlockedView { polls: polls.round() as u64, minutes, place })
}

fn place(series: &Series) -> String {
    let text = |key: &str| {
        let (_, value) = series.attributes.iter().find(|(known, _)| known == key)?;
        value.as_text().map(Cow::into_owned)
    };
    match (text("code.file.path"), text("code.line.number")) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (file, _) => file.or_else(|| text("seaworthy.task.name")).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_telemetry::{
        metric::{Cell, MetricKind},
        model::Value,
    };

    use super::*;

    const MINUTE: u64 = 60_000_000_000;

    /// Slow polls of the tasks of a line, by minute.
    fn slow_polls(line: i64, polls: &[(u64, f64)]) -> Series {
        let cells =
            polls.iter().map(|(minute, by)| Cell { at: minute * MINUTE, value: CellValue::Increase(*by) });
        Series {
            service: "reception".to_owned(),
            instance: "till-1".to_owned(),
            name: SLOW_POLLS.to_owned(),
            unit: "{poll}".to_owned(),
            kind: MetricKind::Counter,
            attributes: vec![
                ("code.file.path".to_owned(), Value::String("src/bar.rs".to_owned())),
                ("code.line.number".to_owned(), Value::Int(line)),
            ],
            cells: cells.collect(),
        }
    }

    #[test]
    fn workers_that_are_blocked_again_and_again_are_told_with_who_does_it_the_most() {
        let now = Timestamp::from_second(60 * 60).unwrap();
        let of = |series: &[Series]| blocked(series, Range::Hour, now);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[slow_polls(7, &[(30, 100.0), (58, 2.0)])]), None, "long ago, and now and then");
        let told = of(&[slow_polls(7, &[(56, 3.0)]), slow_polls(12, &[(57, 20.0), (59, 11.0)])]).unwrap();
        assert_eq!(told, BlockedView { polls: 34, minutes: 5, place: "src/bar.rs:12".to_owned() });
        // Coarser steps reach further back.
        assert_eq!(
            blocked(&[slow_polls(7, &[(48, 40.0)])], Range::Day, now).map(|told| told.minutes),
            Some(15)
        );
    }
}
