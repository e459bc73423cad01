//! What spans and metrics show.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use seaworthy_checklist::{Fact, MAX_ENTRIES, Source, Value};
use seaworthy_protocol::Figures;

use super::{Found, count_u64, names, text};
use crate::{
    readiness::{
        known::Known,
        observed::{Observed, Requests},
    },
    signals::Route,
    view::health::InstanceHealth,
    web::link,
};

/// Where fewer requests have spans, traces are sampled more likely than not, and a request that was not sampled carried an
/// id all the same.
const LEAST_TRACED: f64 = 0.9;

pub(super) fn add(known: &Known, found: &mut Found) {
    let pages = Pages::of(&known.service);
    golden_signals(known, &pages, found);
    saturation(known, &pages, found);
    let Some(observed) = &known.observed else { return };
    if let Some(requests) = &observed.requests {
        traffic(requests, observed.at, &pages, found);
        trace_ids(requests, observed, &pages, found);
    }
    links(observed, &pages, found);
    if let Some(running_out) = &observed.running_out {
        let fact = Fact::new(names(running_out), observed.foretold_at, Source::Telemetry);
        found.add("resources_running_out_30d", fact.link(link::capacity(&known.service)));
    }
    if let Some(busiest) = observed.busiest {
        let peak = Value::Float(busiest.requests as f64 / 60.0);
        let fact = Fact::new(peak, observed.at, Source::Telemetry).link(pages.week.as_str());
        found.add("peak_requests_per_second_7d", fact);
    }
}

/// Where people can see it.
struct Pages {
    service: String,
    day: String,
    week: String,
    traces: String,
}

impl Pages {
    fn of(service: &str) -> Self {
        let page = link::service(service);
        Self {
            day: link::with_query(&page, &[("range", "24h")]),
            week: link::with_query(&page, &[("range", "7d")]),
            traces: link::with_query("/traces", &[("service", service), ("range", "24h")]),
            service: page,
        }
    }
}

fn golden_signals(known: &Known, pages: &Pages, found: &mut Found) {
    let heard = &known.heard;
    let figures = |figures: &Figures| figures.cpu_cores.is_some() || figures.memory_bytes.is_some();
    let told = known.instances.iter().filter(|instance| figures(&instance.check_in.figures));
    let saturation = heard.saturation.max(told.map(|instance| instance.last_seen_at).max());
    for (name, seen_at) in [
        ("latency_received", heard.requests),
        ("traffic_received", heard.requests),
        ("errors_received", heard.outcomes),
        ("saturation_received", saturation),
    ] {
        if let Some(seen_at) = seen_at {
            found.add(name, Fact::new(true, seen_at, Source::Telemetry).link(pages.service.as_str()));
        }
    }
}

/// Of the instances that check in, how much of its limit the fullest one uses, as they say themselves.
fn saturation(known: &Known, pages: &Pages, found: &mut Found) {
    let alive = || known.instances.iter().filter(|one| InstanceHealth::of(one, known.now).is_alive());
    let Some(seen_at) = alive().map(|instance| instance.last_seen_at).max() else { return };
    let fullest = |share: fn(&Figures) -> Option<f64>| {
        let shares = alive().filter_map(|instance| share(&instance.check_in.figures));
        shares.filter(|share| share.is_finite()).reduce(f64::max)
    };
    let cpu = fullest(|figures| Some(figures.cpu_cores? / figures.cpu_limit_cores?));
    let memory = fullest(|figures| Some(figures.memory_bytes? as f64 / figures.memory_limit_bytes? as f64));
    for (name, share) in [("cpu_use_share", cpu), ("memory_use_share", memory)] {
        if let Some(share) = share {
            found.add(name, Fact::new(share, seen_at, Source::CheckIn).link(pages.service.as_str()));
        }
    }
}

fn traffic(requests: &Requests, at: Timestamp, pages: &Pages, found: &mut Found) {
    let traffic = &requests.traffic;
    let fact = |value: Value| Fact::new(value, at, Source::Telemetry).link(pages.day.as_str());
    found.add("requests_24h", fact(count_u64(traffic.requests())));
    let Some(errors) = traffic.error_ratio() else { return };
    found.add("error_share_24h", fact(Value::Float(errors)).of(traffic.requests()));
    for (name, q) in [("p50_24h", 0.5), ("p95_24h", 0.95), ("p99_24h", 0.99)] {
        if let Some(duration) = traffic.quantile(q).and_then(duration) {
            found.add(name, fact(duration));
        }
    }
    let mut routes: Vec<_> = requests.routes.iter().filter(|(_, traffic)| traffic.requests() > 0).collect();
    routes.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.requests()));
    let p99: BTreeMap<String, Value> = routes
        .iter()
        .take(MAX_ENTRIES)
        .filter_map(|(route, traffic)| Some((name(route), traffic.quantile(0.99).and_then(duration)?)))
        .collect();
    if !p99.is_empty() {
        found.add("route_p99_24h", fact(Value::Map(p99)));
    }
    found.add("routes_without_percentiles", fact(names(requests.without_durations.iter().map(name))));
}

/// The share of requests that have a server span. Only a metric knows of requests that have none; and where many have
/// none, nobody knows which of them carried an id.
fn trace_ids(requests: &Requests, observed: &Observed, pages: &Pages, found: &mut Found) {
    if requests.source.metric().is_none() || requests.all == 0 {
        return;
    }
    let share = (observed.links.servers as f64 / requests.all as f64).min(1.0);
    if share >= LEAST_TRACED {
        let fact = Fact::new(share, observed.at, Source::Telemetry).of(requests.all);
        found.add("request_trace_id_share_24h", fact.link(pages.traces.as_str()));
    }
}

fn links(observed: &Observed, pages: &Pages, found: &mut Found) {
    let links = observed.links;
    if links.spans == 0 {
        return;
    }
    for (name, spans) in [
        ("spans_with_remote_parent", links.remote_parents),
        ("spans_with_remote_children", links.remote_children),
    ] {
        let fact = Fact::new(count_u64(spans), observed.at, Source::Telemetry);
        found.add(name, fact.link(pages.traces.as_str()));
    }
}

/// `GET /orders`.
fn name(route: &Route) -> String {
    let path = if route.route.is_empty() { "(no route)" } else { &route.route };
    text(format!("{} {path}", route.method).trim())
}

fn duration(seconds: f64) -> Option<Value> {
    SignedDuration::try_from_secs_f64(seconds).ok().map(Value::Duration)
}
