//! Every SLO, the least budget first.

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_slo::Sli;

use super::{
    alerts, format,
    icon::icon,
    layout::{REFRESH_SECONDS, live, page},
    link,
    nav::Section,
    slo::words,
    status::nothing,
    table::{Column, column, row_head, table},
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::{
        slo::{SloState, SloSummary},
        slos::{self, SloFilter, SlosView},
    },
};

const COLUMNS: [Column; 8] = [
    column("SLO", "name-cell"),
    column("Objective", "two"),
    column("Now", "num"),
    column("Budget left", "full wide-cell"),
    column("Burn 6 h", "num"),
    column("1 d", "num"),
    column("Status", "two"),
    column("Coverage", "num"),
];

/// Shows the SLOs.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<SloFilter>,
) -> Result<Response, Problem> {
    let slos = slos::load(&app, filter.clone()).await?;
    Ok(render(&caller, &filter, &slos).into_response())
}

fn render(caller: &Caller, filter: &SloFilter, view: &SlosView) -> Html<String> {
    page(caller, Section::Slos, "SLOs", || {
        let may_edit = caller.role() >= Role::Editor;
        let path = link::with_query(
            "/slos",
            &[("service", &filter.service), ("team", &filter.team), ("text", &filter.text)],
        );
        let content = match (view.all, view.slos.len()) {
            (0, _) => none(may_edit).into_any(),
            (_, 0) => view! {
                <section class="card"><div class="empty">
                    <h2>"No SLO is like that"</h2>
                    <p>"Write less, or "<a href="/slos">"see all of them"</a>"."</p>
                </div></section>
            }
            .into_any(),
            _ => some(view).into_any(),
        };
        view! {
            <div class="page-head">
                <h1>"SLOs"</h1>
                <div class="actions">
                    <a class="button" href="/slos/report">"Report"</a>
                    <a class="button" href="/maintenance">"Maintenance"</a>
                    {may_edit.then(|| view! { <a class="button" href="/slos/import">"Import"</a> })}
                    {may_edit.then(new_button)}
                </div>
                <p class="sub">
                    {shown(view)}<span class="dot">"·"</span>"least budget first"
                    <span class="dot">"·"</span>{format!("refreshes every {REFRESH_SECONDS} s")}
                </p>
            </div>
            {(view.all > 0).then(|| filter_form(filter, view))}
            {live(path, content)}
        }
    })
}

/// `12 SLOs`, or how many of them.
fn shown(view: &SlosView) -> String {
    match view.slos.len() {
        all if all == view.all => format::plural(all, "SLO"),
        some => format!("{some} of {}", format::plural(view.all, "SLO")),
    }
}

fn filter_form(filter: &SloFilter, view: &SlosView) -> impl IntoView + use<> {
    let team = filter.team.clone();
    let teams = (!view.teams.is_empty()).then(|| {
        let options: Vec<_> = view
            .teams
            .iter()
            .map(|name| view! { <option value=name.clone() selected=*name == team>{name.clone()}</option> })
            .collect();
        view! {
            <label class="hidden-text" for="team">"Team"</label>
            <select class="select" id="team" name="team"><option value="">"every team"</option>{options}</select>
        }
    });
    let service = (!filter.service.is_empty())
        .then(|| view! { <input type="hidden" name="service" value=filter.service.clone()/> });
    view! {
        <form class="filter-line" action="/slos" role="search" aria-label="Filter SLOs">
            <label class="hidden-text" for="text">"Name, service or team"</label>
            <input class="input" type="search" id="text" name="text" placeholder="name, service or team" value=filter.text.clone()/>
            {teams}{service}
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
}

fn new_button() -> impl IntoView {
    view! { <a class="button primary" href="/slos/new">{icon("plus")}"New SLO"</a> }
}

fn none(may_edit: bool) -> impl IntoView {
    view! {
        <section class="card"><div class="empty">
            <h2>"No SLO yet"</h2>
            <p>
                "An SLO says how many requests may fail: 99.9 % of orders answered, over 30 days. The portal counts every \
                 one of them, shows what is left of the budget, and says when it burns too fast."
            </p>
            {may_edit.then(|| view! {
                <div class="row">{new_button()}<a class="button" href="/slos/import">"Import from OpenSLO"</a></div>
            })}
        </div></section>
    }
}

fn some(view: &SlosView) -> impl IntoView + use<> {
    let rows: Vec<_> = view.slos.iter().map(|slo| row(slo, view)).collect();
    view! {
        <div class="stack">
            {figures(view)}
            <section class="card">{table("SLOs, least budget first", &COLUMNS, rows)}</section>
        </div>
    }
}

fn figures(view: &SlosView) -> impl IntoView + use<> {
    let of = |wanted: &[SloState]| view.slos.iter().filter(|slo| wanted.contains(&slo.state)).count();
    let (spent, burning) = (of(&[SloState::Spent]), of(&[SloState::Burning]));
    let silent = of(&[SloState::NoTraffic, SloState::NoData]);
    let all = view.slos.len();
    let class = if spent > 0 { "value t-fail" } else { "value" };
    view! {
        <section class="card" aria-label="SLOs in figures"><div class="strip">
            <div>
                <span class="label">"Meet their objective"</span>
                <span class="value">{all - spent - silent}" "<small>{format!("of {all}")}</small></span>
                <span class="note">"within their window"</span>
            </div>
            <div>
                <span class="label">"Budget spent"</span>
                <span class=class>{spent}</span>
                <span class="note">{if spent == 0 { "none is used up" } else { "more failed than may" }}</span>
            </div>
            <div>
                <span class="label">"Burning too fast"</span>
                <span class="value">{burning}</span>
                <span class="note">"above the rate of an alert"</span>
            </div>
            <div>
                <span class="label">"Without a verdict"</span>
                <span class="value">{silent}</span>
                <span class="note">"no traffic, or no data"</span>
            </div>
        </div></section>
    }
}

fn row(slo: &SloSummary, view: &SlosView) -> impl IntoView + use<> {
    let alert = view.alerts.iter().find(|alert| alert.slo.as_deref() == Some(slo.name.as_str()));
    let alert = alert.map(alerts::words::mark);
    let [_, objective, now, left, hours, day, status, coverage] = COLUMNS;
    let burn = |minutes: u32| {
        let rate = slo.burn.iter().find(|burn| burn.minutes == minutes).and_then(|burn| burn.rate);
        rate.map_or_else(|| nothing().into_any(), |rate| words::burn_rate(rate).into_any())
    };
    view! {
        <tr role="row" id=format!("slo-{}", slo.name)>
            {row_head(view! {
                <a href=link::slo(&slo.name)>{slo.name.clone()}</a><span class="sub">{slo.service.clone()}</span>
            })}
            {objective.cell(format!("{}, {}", asked(slo), words::window(&slo.spec.window)))}
            {now.cell(slo.sli.map_or_else(|| nothing().into_any(), |sli| words::sli(sli, slo.spec.objective_percent).into_any()))}
            {left.cell(words::budget_meter(slo))}
            {hours.cell(burn(360))}
            {day.cell(burn(1440))}
            {status.cell(view! { {words::state_pill(slo.state)}{alert} })}
            {coverage.cell(slo.coverage.map_or_else(|| nothing().into_any(), |share| format::percent(share).into_any()))}
        </tr>
    }
}

/// `99 % under 250 ms`.
fn asked(slo: &SloSummary) -> String {
    match &slo.spec.sli {
        Sli::Latency { threshold_ms, .. } => {
            format!("{} under {}", slo.objective, format::seconds(threshold_ms / 1e3))
        }
        _ => slo.objective.clone(),
    }
}
