//! Traffic, errors and latency, from the best source that a service has.

use std::collections::BTreeMap;

use seaworthy_telemetry::{
    metric::Series,
    model::{UnixNanos, Window},
};

use super::{RouteView, TrafficView};
use crate::{
    problem::Problem,
    signals::{Route, Source, Traffic, of_spans},
    state::App,
    view::range::{MINUTE, Range},
};

/// What a service tells of its requests.
#[derive(Default)]
pub(super) struct Requests {
    pub(super) source: Option<Source>,
    pub(super) by_time: BTreeMap<UnixNanos, Traffic>,
    pub(super) by_route: BTreeMap<Route, Traffic>,
}

pub(super) async fn requests(
    app: &App,
    name: &str,
    series: &[Series],
    window: Window,
    range: Range,
) -> Result<Requests, Problem> {
    if let Some(source) = Source::among(series) {
        return Ok(Requests {
            source: Some(source),
            by_time: source.by_time(series),
            by_route: source.by_route(series),
        });
    }
    let minutes = app.telemetry().span_minutes(name, window).await?;
    if minutes.is_empty() {
        return Ok(Requests::default());
    }
    let by_time = of_spans(&minutes, u64::from(range.step_minutes()) * MINUTE);
    Ok(Requests { source: Some(Source::Spans), by_time, by_route: BTreeMap::new() })
}

pub(super) fn traffic_view(traffic: &Traffic, seconds: f64) -> TrafficView {
    TrafficView {
        requests_per_second: (seconds > 0.0).then(|| traffic.requests() as f64 / seconds),
        error_ratio: traffic.error_ratio(),
        p50_seconds: traffic.quantile(0.5),
        p95_seconds: traffic.quantile(0.95),
        p99_seconds: traffic.quantile(0.99),
    }
}

pub(super) fn routes(by_route: BTreeMap<Route, Traffic>, seconds: f64) -> Vec<RouteView> {
    let mut routes: Vec<_> = by_route.into_iter().filter(|(_, traffic)| traffic.requests() > 0).collect();
    routes.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.requests()));
    let view = |(route, traffic): (Route, Traffic)| RouteView {
        method: route.method,
        route: route.route,
        traffic: traffic_view(&traffic, seconds),
    };
    routes.into_iter().map(view).collect()
}
