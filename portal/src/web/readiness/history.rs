//! How a service came to stand as it does: level and share over time, and what changed them.

use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
};
use jiff::Timestamp;
use leptos::prelude::*;
use seaworthy_checklist::Level;

use super::{
    crumbs,
    parts::{became, level},
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::readiness::history::{self, Event, HistoryQuery, HistoryView, Past, What},
    web::{
        chart::{Line, LineChart, Mark, Overlay, TimeAxis},
        format,
        icon::icon,
        layout::page,
        link,
        nav::Section,
        service::tabs::tabs,
        time,
    },
};

/// Steps of a chart.
const STEPS: i32 = 180;
/// Deploys that are marked on it: more would write over each other.
const MARKED: usize = 8;

/// Shows the past of a service.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    let view = history::load(&app, &service, &query).await?;
    Ok(render(&caller, &query, &view).into_response())
}

fn render(caller: &Caller, query: &HistoryQuery, view: &HistoryView) -> Html<String> {
    let service = &view.service;
    page(caller, Section::Readiness, &format!("{service}, history of readiness"), || {
        let content = if view.points.is_empty() {
            none().into_any()
        } else {
            view! { <div class="stack">{share(view, query)}{levels(view, query)}{list(view, query)}</div> }
                .into_any()
        };
        view! {
            {crumbs(service).here("History")}
            {head(view, query)}
            {tabs(service, "readiness")}
            {content}
        }
    })
}

fn head(view: &HistoryView, query: &HistoryQuery) -> impl IntoView + use<> {
    let now = view.points.last();
    let now_level = now.map(|now| level(now.level));
    let ranges: Vec<_> = Past::ALL
        .into_iter()
        .map(|past| {
            let here = (past == query.range).then_some("true");
            view! { <a href=address(view, query, past.as_str(), &query.template) aria-current=here>{format!("{} d", past.days())}</a> }
        })
        .collect();
    let templates: Vec<_> = view
        .templates
        .iter()
        .map(|(id, title)| {
            let here = (Some(id) == view.template.as_ref()).then_some("true");
            view! { <a href=address(view, query, query.range.as_str(), id) aria-current=here>{title.clone()}</a> }
        })
        .collect();
    let templates = (view.templates.len() > 1)
        .then(|| view! { <div class="segments" role="group" aria-label="Template">{templates}</div> });
    view! {
        <div class="page-head">
            <h1><span class="key k1" aria-hidden="true"></span>{view.service.clone()}<span class="hidden-text">" history of readiness"</span></h1>
            {now_level}
            <div class="actions">
                {templates}
                <div class="segments" role="group" aria-label="Time range">{ranges}</div>
            </div>
        </div>
    }
}

fn address(view: &HistoryView, query: &HistoryQuery, range: &str, template: &str) -> String {
    let path = format!("{}/history", link::readiness(&view.service));
    link::with_query(&path, &[("template", template), ("range", range), ("item", &query.item)])
}

fn none() -> impl IntoView {
    view! {
        <section class="card"><div class="empty">
            <h2>"No history yet"</h2>
            <p>"It begins when the service is first judged. The portal goes through all services every minute."</p>
        </div></section>
    }
}

fn share(view: &HistoryView, query: &HistoryQuery) -> impl IntoView + use<> {
    let percent = |at| view.reached_at(at).and_then(|reached| reached.percent());
    let now = view.points.last();
    let figure = now.and_then(|now| now.percent()).map_or_else(|| "–".to_owned(), whole_percent);
    let of = now.map(|now| format!("{} of {}", now.passing, now.applicable)).unwrap_or_default();
    let sentence =
        format!("Share of items that pass over the last {} days: now {figure}", query.range.days());
    let chart = chart(view, Line { name: "passes", class: "s1", values: Vec::new() }, percent, sentence);
    let chart = LineChart { area: Some(""), top: Some(100.0), format: whole_percent, ..chart };
    view! {
        <section class="card">
            <header><h2>"Share that passes"</h2><div class="end">{of}</div></header>
            <div class="body"><p class="figure">{figure}</p>{chart.view()}</div>
        </section>
    }
}

fn levels(view: &HistoryView, query: &HistoryQuery) -> impl IntoView + use<> {
    let height = |at| view.reached_at(at).map(|reached| rank(reached.level));
    let now = view.points.last().map_or("none", |now| name(now.level));
    let sentence = format!("Level over the last {} days: now {now}", query.range.days());
    let chart = chart(view, Line { name: "level", class: "s2", values: Vec::new() }, height, sentence);
    let chart = LineChart { top: Some(3.0), format: |value| level_name(value).to_owned(), ..chart };
    view! {
        <section class="card">
            <header><h2>"Level"</h2><div class="end">"flags are deploys"</div></header>
            <div class="body">{chart.view()}</div>
        </section>
    }
}

fn chart(
    view: &HistoryView,
    line: Line,
    value: impl Fn(Timestamp) -> Option<f64>,
    sentence: String,
) -> LineChart {
    let step = view.to.duration_since(view.from) / STEPS;
    let times: Vec<Timestamp> = (0..=STEPS).map(|index| view.from + step * index).collect();
    let values = times.iter().map(|at| value(*at)).collect();
    let marks = view.deploys.iter().rev().take(MARKED);
    LineChart {
        sentence,
        axis: TimeAxis { from: view.from, to: view.to, zone: time::zone() },
        times,
        lines: vec![Line { values, ..line }],
        area: None,
        top: None,
        format: whole_percent,
        marks: marks.map(|(at, version)| Mark { at: *at, label: version.clone() }).collect(),
        overlay: Overlay::default(),
    }
}

fn whole_percent(value: f64) -> String {
    format!("{:.0} %", value.floor())
}

fn rank(level: Option<Level>) -> f64 {
    match level {
        None => 0.0,
        Some(Level::Bronze) => 1.0,
        Some(Level::Silver) => 2.0,
        Some(Level::Gold) => 3.0,
    }
}

fn name(level: Option<Level>) -> &'static str {
    level.map_or("none", Level::as_str)
}

fn level_name(value: f64) -> &'static str {
    let level = |level: &Level| (rank(Some(*level)) - value).abs() < 0.5;
    name(Level::ALL.into_iter().find(level))
}

fn list(view: &HistoryView, query: &HistoryQuery) -> impl IntoView + use<> {
    let template = view.template.clone().unwrap_or_default();
    let rows: Vec<_> = view.events.iter().map(|event| row(event, &view.service, &template)).collect();
    let none = rows.is_empty().then(|| {
        view! { <div class="body"><p class="muted">"Nothing has changed in this time."</p></div> }
    });
    let more = (view.left_out > 0).then(|| {
        let words = format!(
            "{} earlier changes are not shown; choose an item or a shorter time.",
            format::count(view.left_out as u64)
        );
        view! { <footer>{words}</footer> }
    });
    let title = match query.item.as_str() {
        "" => "What changed".to_owned(),
        item => format!("What became of {item}"),
    };
    view! {
        <section class="card">
            <header><h2>{title}</h2><div class="end">{filter(view, query)}</div></header>
            {none}
            <ul class="list">{rows}</ul>
            {more}
        </section>
    }
}

fn filter(view: &HistoryView, query: &HistoryQuery) -> impl IntoView + use<> {
    let mut items = view.items.clone();
    if !query.item.is_empty() && !items.contains(&query.item) {
        items.push(query.item.clone());
    }
    let options: Vec<_> = items
        .into_iter()
        .map(|item| {
            let selected = item == query.item;
            view! { <option value=item.clone() selected=selected>{item.clone()}</option> }
        })
        .collect();
    view! {
        <form class="row tight" action=format!("{}/history", link::readiness(&view.service))>
            <input type="hidden" name="template" value=query.template.clone()/>
            <input type="hidden" name="range" value=query.range.as_str()/>
            <label class="hidden-text" for="item">"Item"</label>
            <select class="select compact" id="item" name="item"><option value="">"every item"</option>{options}</select>
            <button class="button small" type="submit">"Show"</button>
        </form>
    }
}

fn row(event: &Event, service: &str, template: &str) -> impl IntoView + use<> {
    let (mark, told) = match &event.what {
        What::Verdict(change) => {
            let page = link::readiness_item(service, template, &change.item);
            let was = change
                .from
                .clone()
                .map_or_else(|| "not asked before".to_owned(), |from| format!("was {from}"));
            let told = view! {
                <a href=page>{change.item.clone()}</a><span class="sub">{was}"; "{change.words.clone()}</span>
            };
            (became(&change.to).into_any(), told.into_any())
        }
        What::Level { from, to } => {
            let verb = if to > from { "reached" } else { "fell" };
            let words = format!("{verb}: {} → {}", name(*from), name(*to));
            (level(*to).into_any(), view! { <span class="medium">{words}</span> }.into_any())
        }
        What::Template { from, to } => (
            view! { <span class="status is-info">{icon("info")}"Template"</span> }.into_any(),
            format!("version {to} in the place of {from}").into_any(),
        ),
        What::Deploy { from, to, rollback, environment } => {
            let (name, word) = if *rollback { ("rollback", "Rollback") } else { ("deploy", "Deploy") };
            let from = from.as_ref().map(|from| format!(" in the place of {from}")).unwrap_or_default();
            let place = if environment.is_empty() { String::new() } else { format!(", {environment}") };
            (
                view! { <span class="status is-info">{icon(name)}{word}</span> }.into_any(),
                format!("{to}{from}{place}").into_any(),
            )
        }
    };
    view! { <li>{mark}<div class="grow">{told}</div><span class="small faint">{time::minute(event.at)}</span></li> }
}
