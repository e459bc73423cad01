//! How a service stands, to take along: a page that offers it as Markdown, CSV, on paper, and as a badge.

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

use crate::{
    auth::{Caller, Reader, Viewer},
    export,
    problem::Problem,
    state::App,
    view::readiness::{self, ItemView, PointView, ReadinessView, badge},
    web::{
        format,
        layout::page,
        link,
        nav::Section,
        service::tabs::tabs,
        table::{Column, column, row_head, table},
        time,
    },
};

use super::{
    bare_head, crumbs, not_yet,
    parts::{badge as by, level, verdict},
};

const COLUMNS: [Column; 4] = [
    column("Item", "name-cell"),
    column("Level", "two"),
    column("Verdict", "two"),
    column("Behind it", "full"),
];

/// By which template.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    template: String,
}

impl Asked {
    fn template(&self) -> Option<&str> {
        Some(self.template.as_str()).filter(|template| !template.is_empty())
    }
}

/// What there is to take along.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = readiness::load(&app, &service, asked.template()).await?;
    let portal = app.settings().portal_url();
    let public = format!("{portal}{}", badge::public_path(&app, &service).await?);
    let html = page(&caller, Section::Readiness, &format!("{service}, export"), || {
        let files = match &view {
            Some(view) => files(view).into_any(),
            None => not_yet().into_any(),
        };
        view! {
            {crumbs(&service).here("Export")}
            {bare_head(&service)}
            {tabs(&service, "readiness")}
            <div class="stack">{files}{badge_card(&service, &public, &portal)}</div>
        }
    });
    Ok(html.into_response())
}

/// As Markdown.
pub(crate) async fn markdown(
    _: Reader,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = judged(&app, &service, &asked).await?;
    let text = export::markdown(&view, &app.settings().portal_url());
    Ok(file(&service, ("md", "text/markdown; charset=utf-8"), text))
}

/// As CSV.
pub(crate) async fn csv(
    _: Reader,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = judged(&app, &service, &asked).await?;
    let text = export::csv(&view, &app.settings().portal_url())?;
    Ok(file(&service, ("csv", "text/csv; charset=utf-8; header=present"), text))
}

/// On paper: every item on one page.
pub(crate) async fn print(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = judged(&app, &service, &asked).await?;
    Ok(page(&caller, Section::Readiness, &format!("{service}, readiness to print"), || sheet(&caller, &view))
        .into_response())
}

async fn judged(app: &App, service: &str, asked: &Asked) -> Result<ReadinessView, Problem> {
    readiness::load(app, service, asked.template()).await?.ok_or_else(|| {
        Problem::not_found(
            format!("{service} was not judged yet"),
            "The portal goes through all services every minute: ask again in a minute.",
        )
    })
}

fn file(service: &str, (end, kind): (&str, &str), text: String) -> Response {
    let plain =
        |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    let service: String = service.chars().map(plain).collect();
    let disposition = format!("attachment; filename=\"readiness-{service}.{end}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}

fn files(view: &ReadinessView) -> impl IntoView + use<> {
    let path = |end: &str| {
        let path = format!("{}/{end}", link::readiness(&view.service));
        link::with_query(&path, &[("template", &view.template.id)])
    };
    let line = |href: String, label: &'static str, what: &'static str| {
        view! { <li><div class="grow"><a class="medium" href=href>{label}</a><span class="sub">{what}</span></div></li> }
    };
    view! {
        <section class="card">
            <header><h2>"All items"</h2><div class="end">{format!("{} {}", view.template.id, view.template.version)}</div></header>
            <ul class="list">
                {line(path("export.md"), "Markdown", "A table for each point, for a wiki or a ticket")}
                {line(path("export.csv"), "CSV", "A line for each item, for a spreadsheet")}
                {line(path("print"), "Page to print", "Every item with its words, for paper or PDF")}
            </ul>
        </section>
    }
}

fn badge_card(service: &str, public: &str, portal: &str) -> impl IntoView + use<> {
    let page = format!("{portal}{}", link::readiness(service));
    let ready = format!("[![seaworthy]({public})]({page})");
    view! {
        <section class="card">
            <header><h2>"Badge"</h2></header>
            <div class="body stack">
                <p><img src=link::badge(service) alt=format!("{service}, seaworthy") height="20"/></p>
                <div class="field">
                    <label for="ready">"For a README"</label>
                    <textarea id="ready" class="mono" rows="3" readonly>{ready}</textarea>
                    <p class="hint">
                        "Whoever has this link sees the level that the service has reached, without signing in, and nothing else. \
                         It holds for good."
                    </p>
                </div>
                <p class="muted">
                    "For people who are signed in and tokens of scope read it is also "<code class="wrap-anywhere">{link::badge(service)}</code>"."
                </p>
            </div>
        </section>
    }
}

fn sheet(caller: &Caller, view: &ReadinessView) -> impl IntoView + use<> {
    let share = &view.share;
    let build = view.build.clone().map(|build| format!(" on build {build}"));
    let told = format!("{} of {} that apply pass", share.passing, format::plural(share.applicable, "item"));
    let points: Vec<_> = view.points.iter().map(point).collect();
    view! {
        {crumbs(&view.service).here("Print")}
        <div class="page-head">
            <h1>{format!("Readiness of {}", view.service)}</h1>
            {level(view.level)}
            <p class="sub">
                {told}<span class="dot">"·"</span>
                {format!("{} {}", view.template.title, view.template.version)}{build}<span class="dot">"·"</span>
                "judged "{time::moment(view.assessed_at)}<span class="dot">"·"</span>
                {format!("printed by {}", caller.person().name)}
            </p>
        </div>
        <div class="stack">{points}</div>
    }
}

fn point(point: &PointView) -> impl IntoView + use<> {
    let title = format!("{}. {}", point.number, point.title);
    let rows: Vec<_> = point.items.iter().map(row).collect();
    view! {
        <section class="card">
            <header><h2>{title.clone()}</h2><div class="end">{format!("{} of {} pass", point.passing(), point.applicable().count())}</div></header>
            {table(&title, &COLUMNS, rows)}
        </section>
    }
}

fn row(item: &ItemView) -> impl IntoView + use<> {
    let [_, of_level, how, behind] = COLUMNS;
    let judged = &item.judged;
    let next = judged.next.clone().map(|next| view! { <span class="sub">{next}</span> });
    view! {
        <tr role="row">
            {row_head(item.question.clone())}
            {of_level.cell(judged.level.as_str())}
            {how.cell(view! { {verdict(judged.verdict, None)}" "{by(judged)} })}
            {behind.cell(view! { {judged.words.clone()}" "{next} })}
        </tr>
    }
}
