//! The four golden signals as charts: rate, errors, duration, saturation.

use leptos::prelude::*;

use crate::{
    signals::Source,
    view::service::{ServiceView, StepView},
    web::{
        chart::{Line, LineChart, Mark, Overlay, TimeAxis},
        format, link, time,
    },
};

/// All four, or what to do where a service tells nothing of requests.
pub(super) fn charts(service: &ServiceView) -> impl IntoView + use<> {
    let requests = service.source.is_some();
    view! {
        {(!requests).then(no_requests)}
        <div class="grid-2">
            {requests.then(|| view! { {rate(service)}{errors(service)}{duration(service)} })}
            {saturation(service)}
        </div>
    }
}

fn no_requests() -> impl IntoView {
    view! {
        <section class="card"><div class="empty">
            <h2>"No requests in this time"</h2>
            <p>
                "Rate, errors and duration come from the metric http.server.request.duration, which the agent's layer and \
                 OpenTelemetry's HTTP instrumentations record, or from server spans. Send a request, or choose a longer time."
            </p>
        </div></section>
    }
}

fn rate(service: &ServiceView) -> impl IntoView + use<> {
    let values = column(service, |step| step.traffic.requests_per_second);
    let peak = peak(service, &values).map(|(value, at)| format!("peak {} at {at}", format::number(value)));
    let now = figure(service.summary.requests_per_second, format::number);
    let sentence = format!("Requests per second over the last {}: {now} on average", service.range.label());
    let chart = LineChart {
        lines: vec![Line { name: "requests/s", class: "s1", values }],
        area: Some(""),
        ..empty(service, sentence, format::number)
    };
    card("Rate", note(peak.unwrap_or_default()), now, "requests/s", chart)
}

fn errors(service: &ServiceView) -> impl IntoView + use<> {
    let values = column(service, |step| step.traffic.error_ratio);
    let worst = values.iter().flatten().copied().fold(0.0, f64::max);
    let of = match service.source {
        Some(Source::Spans) => "server spans with an error status",
        _ => "5xx, and failures without an answer",
    };
    let now = figure(service.summary.error_ratio, format::percent);
    let sentence = format!(
        "Share of failed requests over the last {}: {now}, at worst {}",
        service.range.label(),
        format::percent(worst)
    );
    let chart = LineChart {
        lines: vec![Line { name: "failed", class: "sf", values }],
        area: Some("f"),
        // A scale that ends at 1 % at least: one failure among thousands is no mountain.
        top: Some(worst.max(0.01)),
        ..empty(service, sentence, format::percent)
    };
    card("Errors", note(of.to_owned()), now, "of requests", chart)
}

fn duration(service: &ServiceView) -> impl IntoView + use<> {
    let line =
        |name, class, of: fn(&StepView) -> Option<f64>| Line { name, class, values: column(service, of) };
    let now = figure(service.summary.p95_seconds, format::seconds);
    let sentence = format!(
        "Duration of requests over the last {}: p50 {}, p95 {now}, p99 {}",
        service.range.label(),
        figure(service.summary.p50_seconds, format::seconds),
        figure(service.summary.p99_seconds, format::seconds),
    );
    let chart = LineChart {
        lines: vec![
            line("p50", "s1", |step| step.traffic.p50_seconds),
            line("p95", "s2", |step| step.traffic.p95_seconds),
            line("p99", "s3 dash thin", |step| step.traffic.p99_seconds),
        ],
        ..empty(service, sentence, format::seconds)
    };
    let legend = legend(&[("line k1", "p50"), ("line k2", "p95"), ("dashed d3", "p99")]);
    card("Duration", legend, now, "p95", chart)
}

fn saturation(service: &ServiceView) -> impl IntoView + use<> {
    let cpu = column(service, |step| step.cpu_of_limit);
    let memory = column(service, |step| step.memory_of_limit);
    let latest = |values: &[Option<f64>]| values.iter().rev().flatten().next().copied();
    let (cpu_now, memory_now) = (latest(&cpu), latest(&memory));
    let (fullest, unit) = if memory_now >= cpu_now { (memory_now, "of memory") } else { (cpu_now, "of CPU") };
    let sentence = format!(
        "Share of its limits that the fullest instance uses: CPU {}, memory {}",
        figure(cpu_now, format::percent),
        figure(memory_now, format::percent)
    );
    let highest = cpu.iter().chain(&memory).flatten().copied().fold(0.0, f64::max);
    let chart = LineChart {
        lines: vec![
            Line { name: "CPU", class: "s1", values: cpu },
            Line { name: "memory", class: "s4", values: memory },
        ],
        top: Some(scale(highest)),
        ..empty(service, sentence, format::percent)
    };
    let legend = legend(&[("line k1", "CPU of limit"), ("line k4", "memory of limit")]);
    let profiles = view! { <a href=link::profiles(&service.name)>"see what takes it"</a> };
    let legend = view! { <div class="row">{legend}<span class="small">{profiles}</span></div> };
    card("Saturation", legend, figure(fullest, format::percent), unit, chart)
}

/// A scale that ends at the limit, or well below where that is far: what grows slowly shows as well.
fn scale(highest: f64) -> f64 {
    const ENDS: [f64; 4] = [0.05, 0.1, 0.25, 0.5];
    ENDS.into_iter().find(|end| highest <= end * 0.8).unwrap_or(highest.max(1.0))
}

fn empty(service: &ServiceView, sentence: String, format: fn(f64) -> String) -> LineChart {
    let times: Vec<_> = service.steps.iter().map(|step| step.at).collect();
    LineChart {
        sentence,
        axis: TimeAxis {
            from: times.first().copied().unwrap_or(service.as_of),
            to: times.last().copied().unwrap_or(service.as_of),
            zone: time::zone(),
        },
        times,
        lines: Vec::new(),
        area: None,
        top: None,
        format,
        marks: marks(service),
        overlay: Overlay::default(),
    }
}

/// Builds that were first seen in this time. A service's very first build is no deploy.
fn marks(service: &ServiceView) -> Vec<Mark> {
    let first = service.builds.iter().map(|build| build.first_seen_at).min();
    let later = service.builds.iter().filter(|build| Some(build.first_seen_at) != first);
    later.map(|build| Mark { at: build.first_seen_at, label: build.version.clone() }).collect()
}

fn card(
    title: &'static str,
    aside: impl IntoView,
    figure: String,
    unit: &'static str,
    chart: LineChart,
) -> impl IntoView {
    view! {
        <section class="card"><div class="body">
            <div class="row spread"><h2 class="signal">{title}</h2>{aside}</div>
            <p class="figure">{figure}" "<small>{unit}</small></p>
            {chart.view()}
        </div></section>
    }
}

fn note(text: String) -> impl IntoView {
    view! { <span class="small faint">{text}</span> }
}

fn legend(keys: &[(&'static str, &'static str)]) -> impl IntoView + use<> {
    let keys: Vec<_> = keys
        .iter()
        .map(|(class, label)| view! { <span><span class=format!("key {class}")></span>{*label}</span> })
        .collect();
    view! { <div class="legend">{keys}</div> }
}

fn column(service: &ServiceView, of: impl Fn(&StepView) -> Option<f64>) -> Vec<Option<f64>> {
    service.steps.iter().map(of).collect()
}

fn peak(service: &ServiceView, values: &[Option<f64>]) -> Option<(f64, String)> {
    let known = values.iter().zip(&service.steps).filter_map(|(value, step)| Some(((*value)?, step.at)));
    let (value, at) = known.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let pattern = if service.step_seconds >= 900 { "%a %H:%M" } else { "%H:%M" };
    Some((value, time::told(at, pattern)))
}

fn figure(value: Option<f64>, format: fn(f64) -> String) -> String {
    value.map_or("–".to_owned(), format)
}
