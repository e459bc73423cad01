//! One service: its golden signals, routes, instances, versions and metrics.

mod instances;
pub(crate) mod log_filter;
mod metrics;
pub(crate) mod now;
mod objectives;
pub(crate) mod profile_schedule;
mod routes;
pub(crate) mod settings;
mod signals;
pub(crate) mod tabs;
mod uptime;
mod versions;

use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

use super::{
    alerts,
    crumbs::Crumbs,
    format,
    icon::icon,
    layout::{REFRESH_SECONDS, live, page},
    link,
    nav::Section,
    readiness::parts::level,
    status::health_pill,
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::{
        Range,
        health::InstanceHealth,
        service::{self, ServiceView},
    },
};

/// How far back to look.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    range: Range,
}

/// Shows a service.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let service = service::load(&app, &name, asked.range).await?;
    Ok(render(&caller, &service).into_response())
}

fn render(caller: &Caller, service: &ServiceView) -> Html<String> {
    let here = link::with_query(&link::service(&service.name), &[("range", service.range.as_str())]);
    page(caller, Section::Fleet, &service.name, || {
        view! {
            {Crumbs::of("/", "Fleet").here(&service.name)}
            {live(here, content(service))}
        }
    })
}

fn content(service: &ServiceView) -> impl IntoView + use<> {
    view! {
        {head(service)}
        {tabs::tabs(&service.name, "")}
        <div class="stack">
            {alerts::words::notices(&service.alerts)}
            {notice(service)}
            {signals::charts(service)}
            {objectives::card(service)}
            {routes::card(service)}
            {instances::card(service)}
            {versions::card(service)}
            {metrics::card(service)}
        </div>
    }
}

fn head(service: &ServiceView) -> impl IntoView + use<> {
    let traces =
        link::with_query("/traces", &[("service", &service.name), ("range", service.range.as_str())]);
    let standing = service.readiness.as_ref().map(|standing| {
        view! { <a href=link::readiness(&service.name)>{level(standing.level)}</a> }
    });
    let team = service.team.clone().map(|team| view! { {team}<span class="dot">"·"</span> });
    view! {
        <div class="page-head">
            <h1><span class="key k1" aria-hidden="true"></span>{service.name.clone()}</h1>
            {health_pill(&service.health)}
            {standing}
            {errors(service)}
            {hanging(service)}
            {blocked(service)}
            <div class="actions">
                {ranges(service)}
                <a class="button" href=traces>{icon("trace")}"Traces"</a>
            </div>
            <p class="sub">
                {team}
                {instance_count(service)}<span class="dot">"·"</span>
                {uptime::brief(service)}
                "as of "{time::clock(service.as_of)}{format!(", refreshes every {REFRESH_SECONDS} s")}
            </p>
        </div>
    }
}

/// What somebody has to see to; nothing where there is nothing.
fn errors(service: &ServiceView) -> Option<impl IntoView + use<>> {
    let count = service.errors_to_see_to;
    let href = link::with_query("/errors", &[("service", &service.name)]);
    let words = format!("{} to see to", format::plural(count, "error"));
    (count > 0).then(|| view! { <a class="pill is-fail" href=href>{icon("bug")}{words}</a> })
}

/// Requests that do not end show in no figure of those that have.
fn hanging(service: &ServiceView) -> Option<impl IntoView + use<>> {
    let told = service.hanging?;
    let words = format!(
        "{} unfinished for up to {}",
        format::plural(told.requests, "request"),
        format::seconds(told.oldest_seconds)
    );
    Some(view! { <a class="pill is-warn" href=link::service_now(&service.name)>{icon("clock")}{words}</a> })
}

/// Nor does what waits for a thread that runs on and on.
fn blocked(service: &ServiceView) -> Option<impl IntoView + use<>> {
    let told = service.blocked.as_ref()?;
    let words = format!(
        "workers blocked {} in {} min",
        format::plural(usize::try_from(told.polls).unwrap_or(usize::MAX), "time"),
        told.minutes
    );
    let title = match told.place.as_str() {
        "" => "By polls of 100 ms or longer".to_owned(),
        place => format!("By polls of 100 ms or longer, mostly of the tasks of {place}"),
    };
    let to = link::with_query(&link::profiles(&service.name), &[("kind", "tasks")]);
    Some(view! { <a class="pill is-warn" href=to title=title>{icon("stale")}{words}</a> })
}

fn instance_count(service: &ServiceView) -> String {
    let health = &service.health;
    match health.instances_expected {
        0 => "no instance checks in".to_owned(),
        expected if expected == health.instances_alive => format::plural(expected, "instance"),
        expected => format!("{} of {expected} instances check in", health.instances_alive),
    }
}

fn ranges(service: &ServiceView) -> impl IntoView + use<> {
    let path = link::service(&service.name);
    let links: Vec<_> = Range::ALL
        .into_iter()
        .map(|range| {
            let here = (range == service.range).then_some("true");
            let to = link::with_query(&path, &[("range", range.as_str())]);
            view! { <a href=to aria-current=here>{range.label()}</a> }
        })
        .collect();
    view! { <div class="segments" role="group" aria-label="Time range">{links}</div> }
}

/// What is wrong, and where to look next.
fn notice(service: &ServiceView) -> Option<impl IntoView + use<>> {
    let (class, name, next) = match service.health.status? {
        InstanceHealth::Unavailable => {
            ("notice fail", "fail", "The failing check is named below, with its reason.")
        }
        InstanceHealth::PartiallyAvailable => {
            ("notice warn", "warn", "The failing check is named below, with its reason.")
        }
        InstanceHealth::Lost => (
            "notice warn",
            "lost",
            "Its process has ended without saying so, or cannot reach this portal. Look at the process and at the lines of \
             its log whose target is seaworthy.",
        ),
        InstanceHealth::Ok
        | InstanceHealth::Draining
        | InstanceHealth::Replaced
        | InstanceHealth::Stopped => return None,
    };
    let what = format!("{}: {}.", service.health.word(), service.health.reason);
    Some(view! { <div class=class>{icon(name)}<div><b>{what}</b>" "{next}</div></div> })
}
