//! What goes wrong in no golden signal: requests that have not ended, and worker threads that are blocked.

use std::{borrow::Cow, collections::HashMap};

use jiff::Timestamp;
use seaworthy_telemetry::metric::{Cell, CellValue, MetricQuery, Series};

use super::{BlockedView, HangingView, RouteView};
use crate::{
    attributes::{code_place, text},
    problem::Problem,
    state::App,
    view::{
        now::{NowView, RequestLine},
        range::last_minutes,
    },
};

/// A request that has lasted for as long is told, if that is many times what half of the requests of its route last at most.
const LONG_SECONDS: f64 = 5.0;
const TIMES_USUAL: f64 = 20.0;
/// And one of a route of which none has ended: it may be one that streams.
const LONG_OF_UNKNOWN_SECONDS: f64 = 60.0;

/// As the agent names it.
const SLOW_POLLS: &str = "seaworthy.task.slow_polls";
/// How far back slow polls are counted.
const MINUTES: u32 = 5;
/// Fewer within that are not told: one now and then does not matter much.
const FEW: f64 = 3.0;

/// Some requests last long by design, as those that stream: what is usual on their route tells.
pub(super) fn hanging(now: &NowView, routes: &[RouteView]) -> Option<HangingView> {
    let limit = |request: &RequestLine| {
        let route = request.route.as_deref().unwrap_or_default();
        let own = |known: &&RouteView| known.method == request.method && known.route == route;
        let usual = routes.iter().find(own).and_then(|route| route.traffic.p50_seconds);
        usual.map_or(LONG_OF_UNKNOWN_SECONDS, |usual| LONG_SECONDS.max(TIMES_USUAL * usual))
    };
    let ages = now.requests.oldest.iter().map(|request| (request, request.since.age_ms as f64 / 1e3));
    let long = ages.filter(|(request, age)| *age >= limit(request)).map(|(_, age)| age);
    let (requests, oldest_seconds) =
        long.fold((0, 0.0), |(count, oldest), age| (count + 1, f64::max(oldest, age)));
    (requests > 0).then_some(HangingView { requests, oldest_seconds })
}

/// Of all instances together.
pub(super) async fn blocked(
    app: &App,
    service: &str,
    now: Timestamp,
) -> Result<Option<BlockedView>, Problem> {
    let query = MetricQuery {
        service: Some(service.to_owned()),
        name: Some(SLOW_POLLS.to_owned()),
        window: last_minutes(now, MINUTES),
        step_minutes: 1,
    };
    Ok(most(&app.telemetry().series(query).await?))
}

fn most(series: &[Series]) -> Option<BlockedView> {
    let mut places: HashMap<String, f64> = HashMap::new();
    for series in series {
        let by = |cell: &Cell| if let CellValue::Increase(by) = cell.value { by } else { 0.0 };
        let name = || text(&series.attributes, &["seaworthy.task.name"]).map(Cow::into_owned);
        let place = code_place(&series.attributes).or_else(name).unwrap_or_default();
        *places.entry(place).or_default() += series.cells.iter().map(by).sum::<f64>();
    }
    let polls: f64 = places.values().sum();
    let (place, _) =
        places.into_iter().max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))?;
    (polls >= FEW).then(|| BlockedView { polls: polls.round() as u64, minutes: MINUTES, place })
}

#[cfg(test)]
mod tests {
    use seaworthy_telemetry::{metric::MetricKind, model::Value};

    use super::*;
    use crate::view::{
        now::{OldestConnections, OldestRequests, OldestSpans, Since},
        service::TrafficView,
    };

    /// Slow polls of the tasks of a line.
    fn slow_polls(line: i64, polls: f64) -> Series {
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
            cells: vec![Cell { at: 0, value: CellValue::Increase(polls) }],
        }
    }

    #[test]
    fn workers_that_are_blocked_again_and_again_are_told_with_who_does_it_the_most() {
        assert_eq!(most(&[]), None);
        assert_eq!(most(&[slow_polls(7, 2.0)]), None, "now and then");
        let told = most(&[slow_polls(7, 3.0), slow_polls(12, 20.0), slow_polls(12, 11.0)]).unwrap();
        assert_eq!(told, BlockedView { polls: 34, minutes: MINUTES, place: "src/bar.rs:12".to_owned() });
    }

    fn request(route: &str, seconds: u64) -> RequestLine {
        let since =
            Since { instance: "till-1".to_owned(), since: Timestamp::UNIX_EPOCH, age_ms: seconds * 1_000 };
        RequestLine {
            since,
            method: "GET".to_owned(),
            route: Some(route.to_owned()),
            peer: None,
            user: None,
            request_id: String::new(),
            trace_id: None,
            recorded: false,
        }
    }

    #[test]
    fn requests_hang_that_last_many_times_as_long_as_others_of_their_route() {
        let route = |route: &str, p50| RouteView {
            method: "GET".to_owned(),
            route: route.to_owned(),
            traffic: TrafficView { p50_seconds: Some(p50), ..TrafficView::default() },
        };
        let routes = [route("/menu", 0.001), route("/report", 2.0), route("/events", 300.0)];
        let told = |oldest: Vec<RequestLine>| {
            let now = NowView {
                as_of: Timestamp::UNIX_EPOCH,
                service: "reception".to_owned(),
                instances: 1,
                silent: 0,
                requests: OldestRequests { count: oldest.len() as u64, oldest },
                spans: OldestSpans::default(),
                connections: OldestConnections::default(),
            };
            hanging(&now, &routes).map(|told| (told.requests, told.oldest_seconds))
        };
        let usual =
            vec![request("/menu", 4), request("/report", 39), request("/events", 3_000), request("/new", 59)];
        assert_eq!(told(usual), None);
        let hang =
            vec![request("/menu", 6), request("/report", 41), request("/new", 61), request("/menu", 1)];
        assert_eq!(told(hang), Some((3, 61.0)));
    }
}
