//! The fleet: every service, worst first.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_checklist::Level;

use super::{
    chart::spark,
    first_run, format,
    icon::icon,
    layout::{REFRESH_SECONDS, live, page},
    link,
    nav::Section,
    readiness::parts::level,
    status::{error_share, figure, health_pill},
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::{
        fleet::{self, FleetService, FleetView},
        health::InstanceHealth,
    },
};

const COLUMNS: [Column; 10] = [
    column("Service", "name-cell"),
    column("Health", "full"),
    column("Instances", "num skip-narrow"),
    column("Version", "skip-narrow"),
    column("Requests/s", "num"),
    column("1 hour", "skip-narrow"),
    column("Errors", "num"),
    column("p95", "num"),
    column("Level", "two"),
    column("Last seen", "num skip-narrow"),
];

/// Shows the fleet.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let fleet = fleet::load(&app).await?;
    Ok(render(&caller, &fleet, &base(&app, &headers)).into_response())
}

/// Where this person reaches the portal: as whoever runs it has said, else as their browser did.
fn base(app: &App, headers: &HeaderMap) -> String {
    let host = || headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:4680");
    let public = app.settings().public_url.as_ref();
    public.map_or_else(|| format!("http://{}", host()), |url| url.as_str().trim_end_matches('/').to_owned())
}

fn render(caller: &Caller, fleet: &FleetView, base: &str) -> Html<String> {
    page(caller, Section::Fleet, "Fleet", || {
        let content = if fleet.services.is_empty() {
            first_run::view(caller, base).into_any()
        } else {
            services(fleet).into_any()
        };
        live("/".to_owned(), content)
    })
}

fn services(fleet: &FleetView) -> impl IntoView + use<> {
    let services: Vec<_> = fleet.services.iter().map(|service| row(service, fleet)).collect();
    let recent = format!("requests, errors and p95 of the last {} min", fleet.recent_minutes);
    view! {
        <div class="page-head">
            <h1>"Fleet"</h1>
            <p class="sub">
                {format::plural(fleet.services.len(), "service")}<span class="dot">"·"</span>
                "worst first"<span class="dot">"·"</span>
                "as of "{time::clock(fleet.as_of)}{format!(", refreshes every {REFRESH_SECONDS} s")}
            </p>
        </div>
        <div class="stack">
            {figures(fleet)}
            <section class="card">
                <header><h2>"Services"</h2><div class="end">{recent}</div></header>
                {table("Services, worst first", &COLUMNS, services)}
            </section>
        </div>
    }
}

fn figures(fleet: &FleetView) -> impl IntoView + use<> {
    let total = &fleet.total;
    let failed = total.error_ratio.map_or("none yet".to_owned(), |ratio| {
        format!("{} failed in {} min", format::percent(ratio), fleet.recent_minutes)
    });
    let missing = match total.instances_expected.saturating_sub(total.instances_alive) {
        0 => "all that should".to_owned(),
        lost => format!("{lost} lost"),
    };
    view! {
        <section class="card" aria-label="Fleet in figures"><div class="strip">
            <div>
                <span class="label">"Services"</span>
                <span class="value">{format::count(fleet.services.len() as u64)}</span>
                <span class="note">{by_health(fleet)}</span>
            </div>
            <div>
                <span class="label">"Instances checking in"</span>
                <span class="value">
                    {total.instances_alive}" "<small>{format!("of {}", total.instances_expected)}</small>
                </span>
                <span class="note">{missing}</span>
            </div>
            <div>
                <span class="label">"Requests"</span>
                <span class="value">
                    {format::number(total.requests_per_second)}" "<small>"per second"</small>
                </span>
                <span class="note">{failed}</span>
            </div>
            {levels(fleet)}
        </div></section>
    }
}

/// How many services have reached which level; none before any was judged.
fn levels(fleet: &FleetView) -> Option<impl IntoView + use<>> {
    let judged: Vec<_> = fleet.services.iter().filter_map(|service| service.readiness.as_ref()).collect();
    let at_least = |level| judged.iter().filter(|standing| standing.level >= Some(level)).count();
    let exactly = |level| judged.iter().filter(|standing| standing.level == Some(level)).count();
    (!judged.is_empty()).then(|| {
        view! {
            <div>
                <span class="label">"At least bronze"</span>
                <span class="value">{at_least(Level::Bronze)}" "<small>{format!("of {}", judged.len())}</small></span>
                <span class="note">{format!("{} silver · {} gold", exactly(Level::Silver), exactly(Level::Gold))}</span>
            </div>
        }
    })
}

/// The level that a service has reached, and how much of the checklist passes.
fn standing(service: &FleetService) -> AnyView {
    let Some(standing) = &service.readiness else { return super::status::nothing().into_any() };
    view! {
        <a href=link::readiness(&service.name)>{level(standing.level)}</a>
        <span class="sub">{standing.words()}</span>
    }
    .into_any()
}

/// `2 OK · 1 Partially Available`.
fn by_health(fleet: &FleetView) -> String {
    let mut states: Vec<Option<InstanceHealth>> =
        fleet.services.iter().map(|service| service.health.status).collect();
    states.sort_unstable();
    let parts: Vec<String> = states
        .chunk_by(|a, b| a == b)
        .filter_map(|same| {
            let word = same.first()?.map_or("without agent", InstanceHealth::word);
            Some(format!("{} {word}", same.len()))
        })
        .collect();
    parts.join(" · ")
}

fn row(service: &FleetService, fleet: &FleetView) -> impl IntoView + use<> {
    let [_, health, instances, version, rate, trend, errors, p95, level, seen] = COLUMNS;
    let alive = service.health.instances_alive;
    let counted = match service.health.instances_expected {
        expected if expected == alive => alive.to_string(),
        expected => format!("{alive} of {expected}"),
    };
    let reason = (!service.health.reason.is_empty()).then(|| service.health.reason.clone());
    let team = service.team.clone();
    let sentence = format!("{}, requests of the last hour", service.name);
    view! {
        <tr role="row" id=format!("service-{}", service.name)>
            {row_head(view! {
                <a href=link::service(&service.name)>{service.name.clone()}</a>
                {team.map(|team| view! { <span class="sub">{team}</span> })}
            })}
            {health.cell(view! {
                {health_pill(&service.health)}
                {reason.map(|reason| view! { <span class="sub">{reason}</span> })}
            })}
            {instances.cell(counted)}
            {version.cell(versions(service))}
            {rate.cell(figure(service.requests_per_second, format::number))}
            {trend.cell(spark(&service.trend, sentence))}
            {errors.cell(error_share(service.error_ratio))}
            {p95.cell(figure(service.p95_seconds, format::seconds))}
            {level.cell(standing(service))}
            {seen.cell(time::ago(service.last_seen_at, fleet.as_of))}
        </tr>
    }
}

fn versions(service: &FleetService) -> impl IntoView + use<> {
    match service.versions.as_slice() {
        [] => super::status::nothing().into_any(),
        [only] => only.clone().into_any(),
        // Two versions at once: a deploy under way, or one that got stuck.
        many => view! { <span class="status is-info">{icon("deploy")}{many.join(", ")}</span> }.into_any(),
    }
}
