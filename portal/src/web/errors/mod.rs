//! Errors of services, in groups of what is alike.

pub(crate) mod acts;
pub(crate) mod one;

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use super::{
    chart::spark,
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    service::tabs,
    table::{Column, column, row_head, table},
    time,
    traces::choices,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::errors::{self, ErrorRow, ErrorSearch, ErrorsView, Standing},
};

const COLUMNS: [Column; 6] = [
    column("Error", "name-cell"),
    column("24 h", "spark-cell"),
    column("Count", "num"),
    column("Builds", "two"),
    column("Latest", "two"),
    column("First", "two"),
];

/// Shows the groups asked for.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(search): Query<ErrorSearch>,
) -> Result<Response, Problem> {
    let found = errors::load(&app, search).await?;
    Ok(render(&caller, &found).into_response())
}

fn render(caller: &Caller, found: &ErrorsView) -> Html<String> {
    page(caller, Section::Errors, "Errors", || {
        let service = &found.search.service;
        let tabs = (!service.is_empty()).then(|| tabs::tabs(service, "errors"));
        view! {
            <div class="page-head">
                <h1>"Errors"</h1>
                <p class="sub">
                    "regressed and new ones first"<span class="dot">"·"</span>"as of "{time::clock(found.as_of)}
                </p>
            </div>
            {tabs}
            <div class="stack">{filters(found)}{groups(found)}</div>
        }
    })
}

fn filters(found: &ErrorsView) -> impl IntoView + use<> {
    let search = &found.search;
    let states = [
        ("", "To see to", found.to_see_to),
        ("resolved", "Resolved", found.resolved),
        ("muted", "Muted", found.muted),
        ("all", "All", found.to_see_to + found.resolved + found.muted),
    ];
    let links: Vec<_> = states
        .into_iter()
        .map(|(state, words, count)| {
            let href = link::with_query("/errors", &[("service", &search.service), ("state", state)]);
            let here = (state == search.state).then_some("true");
            view! { <a href=href aria-current=here>{format!("{words} {}", format::count(count as u64))}</a> }
        })
        .collect();
    let services = choices(&found.services, &search.service);
    view! {
        <div class="row spread">
            <div class="segments" role="group" aria-label="State">{links}</div>
            <form class="row" action="/errors" method="get">
                <div class="field">
                    <label for="service">"Service"</label>
                    <select class="select compact" id="service" name="service">{services}</select>
                </div>
                <input type="hidden" name="state" value=search.state.clone()/>
                <button class="button" type="submit">"Show"</button>
            </form>
        </div>
    }
}

fn groups(found: &ErrorsView) -> impl IntoView + use<> {
    if found.groups.is_empty() {
        return nothing(found).into_any();
    }
    let rows: Vec<_> = found.groups.iter().map(|group| row(group, found)).collect();
    let kinds = match found.groups.len() {
        1 => "1 kind of error".to_owned(),
        count => format!("{} kinds of errors", format::count(count as u64)),
    };
    let count = if found.more { "there are more: choose a service" } else { "" };
    view! {
        <section class="card">
            <header><h2>{kinds}</h2><div class="end">{count}</div></header>
            {table("Errors, regressed and new ones first", &COLUMNS, rows)}
        </section>
    }
    .into_any()
}

fn nothing(found: &ErrorsView) -> impl IntoView + use<> {
    let (head, next) = if found.services.is_empty() {
        (
            "No error has been told of",
            "The agent tells of panics, of tasks that panic, and of what a service hands to its capture. Of any other service, \
             records of its log and events of its spans that tell of an exception are grouped here, as any OpenTelemetry SDK \
             sends them.",
        )
    } else {
        ("No error here", "Nothing stands so. Choose another state or service above.")
    };
    view! { <section class="card"><div class="empty"><h2>{head}</h2><p>{next}</p></div></section> }
}

fn row(group: &ErrorRow, found: &ErrorsView) -> impl IntoView + use<> {
    let [_, hours, count, builds, latest, first] = COLUMNS;
    let values: Vec<Option<f64>> = group.hours.iter().map(|count| Some(*count as f64)).collect();
    let sentence = format!("{} in 24 hours, hour by hour", format::count(group.count_24h));
    let of_service = found.search.service.is_empty().then(|| {
        view! { <a href=link::service(&group.service)>{group.service.clone()}</a>" · " }
    });
    view! {
        <tr role="row">
            {row_head(view! {
                <span class="row tight">
                    {standing(group.standing)}
                    <a class="wrap-anywhere medium" href=link::error(&group.id)>{group.kind.clone()}</a>
                </span>
                <span class="error-says wrap-anywhere">{first_line(&group.message)}</span>
                <span class="sub sentence wrap-anywhere">{of_service}<span class="mono" title=group.place.clone()>{format::call_place(&group.place)}</span></span>
            })}
            {hours.cell(view! {
                <span class="row tight">{spark(&values, sentence)}<span class="value">{format::count(group.count_24h)}</span></span>
            })}
            {count.cell(format::count(group.count))}
            {builds.cell(build_names(group))}
            {latest.cell(time::ago(group.last_seen_at, found.as_of))}
            {first.cell(time::ago(group.first_seen_at, found.as_of))}
        </tr>
    }
}

/// Of the builds, the first and the latest.
fn build_names(group: &ErrorRow) -> String {
    let name = |build: &str| if build.is_empty() { "unknown".to_owned() } else { build.to_owned() };
    match group.builds.as_slice() {
        [] => "–".to_owned(),
        [only] => name(&only.build),
        [latest, .., first] => format!("{} to {}", name(&first.build), name(&latest.build)),
    }
}

/// How a group stands: an icon and a word.
pub(crate) fn standing(standing: Standing) -> impl IntoView {
    let (class, sign, word) = match standing {
        Standing::Regressed => ("is-fail", "rollback", "Regressed"),
        Standing::New => ("is-warn", "plus", "New"),
        Standing::Open => ("is-unknown", "error", "Open"),
        Standing::Muted => ("is-na", "clock", "Muted"),
        Standing::Resolved => ("is-pass", "pass", "Resolved"),
    };
    view! { <span class=format!("pill {class}")>{icon(sign)}{word}</span> }
}

/// Of a message the first line, within bounds.
pub(crate) fn first_line(message: &str) -> String {
    const SHORT: usize = 200;
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let short: String = line.chars().take(SHORT).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}
