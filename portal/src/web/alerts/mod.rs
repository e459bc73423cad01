//! Alerts: what fires now, by service, and what did.

mod chart;
pub(crate) mod one;
pub(crate) mod silences;
mod told;
pub(in crate::web) mod words;

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use super::{
    format,
    icon::icon,
    layout::{REFRESH_SECONDS, live, page},
    link,
    nav::Section,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::alerts::{self, AlertLine, AlertsView, Before, ServiceAlerts, State as AlertState},
};

const OPEN: [Column; 4] =
    [column("Alert", "name-cell"), column("Severity", "two"), column("State", "two"), column("Since", "two")];
const PAST: [Column; 5] = [
    column("Alert", "name-cell"),
    column("Service", "two"),
    column("Severity", "two"),
    column("Began", "two"),
    column("Lasted", "num"),
];

/// Shows the alerts.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(asked): Query<Before>,
) -> Result<Response, Problem> {
    let view = alerts::load(&app, &asked).await?;
    Ok(render(&caller, &asked, &view).into_response())
}

fn render(caller: &Caller, asked: &Before, view: &AlertsView) -> Html<String> {
    let here = asked.before.map_or("/alerts".to_owned(), |before| format!("/alerts?before={before}"));
    page(caller, Section::Alerts, "Alerts", || {
        view! {
            <div class="page-head">
                <h1>"Alerts"</h1>
                <div class="actions"><a class="button" href="/silences">{icon("clock")}{silences_label(view)}</a></div>
                <p class="sub">
                    {firing(view)}<span class="dot">"·"</span>"by service, worst first"<span class="dot">"·"</span>
                    {format!("refreshes every {REFRESH_SECONDS} s")}
                </p>
            </div>
            {live(here, view! { <div class="stack">{open(view)}{past(asked, view)}</div> })}
        }
    })
}

fn silences_label(view: &AlertsView) -> String {
    match view.silences {
        0 => "Silences".to_owned(),
        some => format::plural(some, "silence"),
    }
}

fn firing(view: &AlertsView) -> String {
    let firing = view.open.iter().flat_map(|service| &service.alerts);
    let firing = firing.filter(|alert| alert.state == AlertState::Firing).count();
    if firing == 0 { "nothing fires".to_owned() } else { format!("{firing} firing") }
}

fn open(view: &AlertsView) -> AnyView {
    if view.open.is_empty() {
        return view! {
            <section class="card"><div class="empty">
                <h2>"Nothing alerts"</h2>
                <p>
                    "No budget burns too fast, every service is there and tells of itself. What will alert: the burn rates \
                     of every SLO, a service of which no instance checks in, telemetry that ceases, errors or durations \
                     that are unusual for the hour, and CPU or memory that runs out."
                </p>
            </div></section>
        }
        .into_any();
    }
    view.open.iter().map(service_card).collect_view().into_any()
}

fn service_card(service: &ServiceAlerts) -> impl IntoView + use<> {
    let name = format!("Alerts of {}", service.service);
    let rows: Vec<_> = service.alerts.iter().map(open_row).collect();
    view! {
        <section class="card">
            <header>
                <h2><a href=link::service(&service.service)>{service.service.clone()}</a></h2>
                <div class="end">{format::plural(service.alerts.len(), "alert")}</div>
            </header>
            {table(&name, &OPEN, rows)}
        </section>
    }
}

fn open_row(alert: &AlertLine) -> impl IntoView + use<> {
    let [_, severity, state, since] = OPEN;
    let by = alert.acknowledged_by.clone().map(|by| view! { <span class="sub">{format!("by {by}")}</span> });
    view! {
        <tr role="row" id=format!("alert-{}", alert.id)>
            {row_head(view! { {name(alert)}<span class="sub sentence wrap-anywhere">{alert.summary.clone()}</span> })}
            {severity.cell(words::severity(alert.severity))}
            {state.cell(view! { {words::state(alert.state)}{by} })}
            {since.cell(time::minute(alert.started_at))}
        </tr>
    }
}

fn name(alert: &AlertLine) -> impl IntoView + use<> {
    view! { <a class="wrap-anywhere" href=link::alert(alert.id)>{alert.title.clone()}</a> }
}

fn past(asked: &Before, view: &AlertsView) -> Option<impl IntoView + use<>> {
    if view.past.is_empty() && asked.before.is_none() {
        return None;
    }
    let rows: Vec<_> = view.past.iter().map(past_row).collect();
    let content = if rows.is_empty() {
        view! { <div class="body"><p class="muted">"There are none before."</p></div> }.into_any()
    } else {
        table("Past alerts, latest first", &PAST, rows).into_any()
    };
    let earlier = view.earlier.map(|before| {
        view! { <footer><a class="button small" href=format!("/alerts?before={before}")>"Earlier ones"</a></footer> }
    });
    Some(view! {
        <section class="card">
            <header><h2>"Past"</h2><div class="end">"latest first"</div></header>
            {content}{earlier}
        </section>
    })
}

fn past_row(alert: &AlertLine) -> impl IntoView + use<> {
    let [_, service, severity, began, lasted] = PAST;
    view! {
        <tr role="row">
            {row_head(name(alert))}
            {service.cell(alert.service.clone())}
            {severity.cell(words::severity(alert.severity))}
            {began.cell(time::minute(alert.started_at))}
            {lasted.cell(alert.resolved_at.map(|at| words::length(alert.started_at, at)))}
        </tr>
    }
}
