//! The routes of a service, slowest first.

use leptos::prelude::*;

use crate::{
    signals::Source,
    view::service::{RouteView, ServiceView},
    web::{
        chart::spread,
        format, link,
        status::{error_share, figure, nothing},
        table::{Column, column, row_head, table},
    },
};

const COLUMNS: [Column; 8] = [
    column("Route", "name-cell"),
    column("Requests/s", "num"),
    column("Errors", "num"),
    column("p50", "num"),
    column("p95", "num"),
    column("p99", "num"),
    column("Spread", "two"),
    column("Traces", "num"),
];

pub(super) fn card(service: &ServiceView) -> Option<impl IntoView + use<>> {
    let mut routes: Vec<&RouteView> = service.routes.iter().collect();
    if routes.is_empty() {
        return None;
    }
    let p95 = |route: &RouteView| route.traffic.p95_seconds.unwrap_or_default();
    routes.sort_by(|a, b| p95(b).total_cmp(&p95(a)));
    let longest = routes.iter().filter_map(|route| route.traffic.p99_seconds).fold(0.0, f64::max);
    let rows: Vec<_> = routes.iter().map(|route| row(service, route, longest)).collect();
    let scale = format!("last {}; spread from 0 to {}", service.range.label(), format::seconds(longest));
    Some(view! {
        <section class="card">
            <header><h2>"Routes"</h2><div class="end">{scale}</div></header>
            {table(&format!("Routes of {}, slowest first", service.name), &COLUMNS, rows)}
        </section>
    })
}

fn row(service: &ServiceView, route: &RouteView, longest: f64) -> impl IntoView + use<> {
    let [_, rate, errors, p50, p95, p99, bars, traces] = COLUMNS;
    let traffic = &route.traffic;
    let name = match route.route.as_str() {
        "" => format!("{} without a route", route.method),
        path => format!("{} {path}", route.method),
    };
    let traces_with = |only: (&str, &str)| {
        let operation = if route.route.is_empty() { &route.method } else { &name };
        let range = service.range.as_str();
        link::with_query(
            "/traces",
            &[("service", &service.name), ("operation", operation), only, ("range", range)],
        )
    };
    let slow = traces_with(("min", &traffic.p95_seconds.map(slower_than).unwrap_or_default()));
    let failed = traffic.error_ratio.filter(|ratio| *ratio > 0.0).map(|_| {
        let of = format!(" of {name}");
        view! { <br/><a href=traces_with(("errors", "1"))>"Failed traces"<span class="hidden-text">{of}</span></a> }
    });
    let has_spans = service.source != Some(Source::RpcServer);
    view! {
        <tr role="row">
            {row_head(view! { <span class="mono wrap-anywhere">{name.clone()}</span> })}
            {rate.cell(figure(traffic.requests_per_second, format::number))}
            {errors.cell(error_share(traffic.error_ratio))}
            {p50.cell(figure(traffic.p50_seconds, format::seconds))}
            {p95.cell(figure(traffic.p95_seconds, format::seconds))}
            {p99.cell(figure(traffic.p99_seconds, format::seconds))}
            {bars.cell(picture(route, longest))}
            {traces.cell(has_spans.then(|| view! {
                <a href=slow>"Slow traces"<span class="hidden-text">{format!(" of {name}")}</span></a>{failed}
            }))}
        </tr>
    }
}

fn picture(route: &RouteView, longest: f64) -> AnyView {
    let traffic = &route.traffic;
    let (Some(p50), Some(p95), Some(p99)) = (traffic.p50_seconds, traffic.p95_seconds, traffic.p99_seconds)
    else {
        return nothing().into_any();
    };
    let [a, b, c] = [p50, p95, p99].map(format::seconds);
    spread([p50, p95, p99], longest, format!("p50 {a}, p95 {b}, p99 {c}")).into_any()
}

/// As the search for traces reads durations, in whole microseconds.
fn slower_than(seconds: f64) -> String {
    format!("{}us", (seconds * 1e6) as u64)
}
