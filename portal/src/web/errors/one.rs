//! One group of errors.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use super::{acts, first_line, standing};
use crate::{
    auth::{Caller, Viewer},
    errors::frames::Frame,
    problem::Problem,
    state::App,
    view::errors::one::{self, ErrorView},
    web::{
        chart::spark,
        format,
        icon::icon,
        layout::page,
        link,
        logs::lines,
        nav::Section,
        table::{Column, column, row_head, table},
        time,
    },
};

const BUILDS: [Column; 4] =
    [column("Build", "name-cell"), column("Count", "num"), column("First", "two"), column("Latest", "two")];
/// Own frames shown at once; the rest is in the whole stack.
const FRAMES: usize = 12;

/// Shows a group.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let error = one::load(&app, &id).await?;
    Ok(render(&caller, &error).into_response())
}

fn render(caller: &Caller, error: &ErrorView) -> Html<String> {
    page(caller, Section::Errors, &format!("{}, error", error.group.kind), || {
        view! {
            {head(error)}
            <div class="stack">
                {figures(error)}
                <div class="with-side">
                    <div class="stack">{stack(error)}{occurrences(error)}{request(error)}</div>
                    <div class="stack">{acts::card(caller, error)}{builds(error)}{history(error)}</div>
                </div>
            </div>
        }
    })
}

fn head(error: &ErrorView) -> impl IntoView + use<> {
    let group = &error.group;
    let of_service = link::with_query("/errors", &[("service", &group.service)]);
    let said = (!group.said.is_empty()).then(|| {
        let at = group.said_at.map(|at| view! { ", "{time::ago(at, error.as_of)} });
        view! { <span class="dot">"·"</span>{group.said.clone()}{at} }
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb"><ol>
            <li><a href="/errors">"Errors"</a></li>
            <li><a href=of_service>{group.service.clone()}</a></li>
            <li aria-current="page" class="wrap-anywhere">{group.kind.clone()}</li>
        </ol></nav>
        <div class="page-head">
            <h1 class="wrap-anywhere">{group.kind.clone()}</h1>
            {standing(group.standing)}
            <div class="actions">
                <a class="button" href=format!("/api/v1{}", link::error(&group.id))>{icon("download")}"JSON"</a>
            </div>
            <p class="sub">
                <a href=link::service(&group.service)>{group.service.clone()}</a>
                <span class="dot">"·"</span><span class="mono wrap-anywhere" title=group.place.clone()>{format::call_place(&group.place)}</span>
                {said}
            </p>
        </div>
        <p class="error-message wrap">{group.message.clone()}</p>
    }
}

fn figures(error: &ErrorView) -> impl IntoView + use<> {
    let group = &error.group;
    let week: u64 = error.week.iter().sum();
    let values: Vec<Option<f64>> = error.week.iter().map(|count| Some(*count as f64)).collect();
    let sentence = format!("{} in a week, hour by hour", format::count(week));
    view! {
        <section class="card" aria-label="Error in figures"><div class="strip">
            <div>
                <span class="label">"In 24 h"</span>
                <span class="value">{format::count(group.count_24h)}</span>
                <span class="note">{format!("{} in all", format::count(group.count))}</span>
            </div>
            <div>
                <span class="label">"Latest"</span>
                <span class="value">{time::ago(group.last_seen_at, error.as_of)}</span>
                <span class="note">{time::moment(group.last_seen_at)}</span>
            </div>
            <div>
                <span class="label">"First"</span>
                <span class="value">{time::ago(group.first_seen_at, error.as_of)}</span>
                <span class="note">{time::moment(group.first_seen_at)}</span>
            </div>
            <div>
                <span class="label">"A week, by the hour"</span>
                {spark(&values, sentence)}
                <span class="note">{format!("{} in this week", format::count(week))}</span>
            </div>
        </div></section>
    }
}

/// The service's own calls first, for that is where it is mended; then the whole stack as it came.
fn stack(error: &ErrorView) -> impl IntoView + use<> {
    if error.stack.is_empty() {
        let why = if error.occurrences.is_empty() {
            "None of its occurrences is kept any more."
        } else {
            "It came without a stack."
        };
        return view! { <section class="card"><header><h2>"Stack"</h2></header><div class="body"><p class="muted">{why}</p></div></section> }
            .into_any();
    }
    let own: Vec<&Frame> = error.frames.iter().filter(|frame| frame.own).collect();
    let items: Vec<_> = own.iter().take(FRAMES).map(|frame| frame_line(frame)).collect();
    let none = items.is_empty().then(|| {
        view! { <p class="muted">"Every call in it is of a library, or has no name."</p> }
    });
    let whole = format!("Whole stack, {}", format::plural(error.frames.len(), "call"));
    view! {
        <section class="card">
            <header><h2>"Stack"</h2><div class="end">"calls of the service itself, the innermost first"</div></header>
            <div class="body stack">
                {none}
                <ol class="frames">{items}</ol>
                <details>
                    <summary class="row tight small"><span class="chevron">{icon("chevron")}</span>{whole}</summary>
                    <pre class="code wrap">{error.stack.clone()}</pre>
                </details>
            </div>
        </section>
    }
    .into_any()
}

fn frame_line(frame: &Frame) -> impl IntoView + use<> {
    let place = match frame.line {
        Some(line) => format!("{}:{line}", frame.file),
        None => frame.file.clone(),
    };
    let function = if frame.function.is_empty() { "(no name)".to_owned() } else { frame.function.clone() };
    view! {
        <li><span>{function}<span class="at" title=place.clone()>{format::code_place(&place).to_owned()}</span></span></li>
    }
}

fn occurrences(error: &ErrorView) -> impl IntoView + use<> {
    if error.occurrences.is_empty() {
        return None;
    }
    let group = &error.group;
    let fields = format!("{}={}", crate::errors::GROUP, group.id);
    let all =
        link::with_query("/logs", &[("service", &group.service), ("fields", &fields), ("range", "30d")]);
    Some(view! {
        <section class="card">
            <header><h2>"Latest occurrences"</h2><div class="end"><a href=all>"in the logs"</a></div></header>
            {lines::list(&error.occurrences, true)}
        </section>
    })
}

fn request(error: &ErrorView) -> impl IntoView + use<> {
    let trace = error.request_trace.as_deref()?;
    if error.request_lines.len() < 2 {
        return None;
    }
    Some(view! {
        <section class="card">
            <header><h2>"What was logged before, in that request"</h2>
                <div class="end"><a href=link::trace(trace)>"its trace"</a></div></header>
            {lines::list(&error.request_lines, false)}
        </section>
    })
}

fn builds(error: &ErrorView) -> impl IntoView + use<> {
    let rows: Vec<_> = error
        .group
        .builds
        .iter()
        .map(|build| {
            let [_, count, first, latest] = BUILDS;
            let name = if build.build.is_empty() { "unknown".to_owned() } else { build.build.clone() };
            view! {
                <tr role="row">
                    {row_head(name)}
                    {count.cell(format::count(build.count))}
                    {first.cell(time::ago(build.first_seen_at, error.as_of))}
                    {latest.cell(time::ago(build.last_seen_at, error.as_of))}
                </tr>
            }
        })
        .collect();
    view! {
        <section class="card"><header><h2>"Builds"</h2></header>{table("Builds in which it was seen, the latest first", &BUILDS, rows)}</section>
    }
}

fn history(error: &ErrorView) -> impl IntoView + use<> {
    if error.acts.is_empty() {
        return None;
    }
    let acts: Vec<_> = error
        .acts
        .iter()
        .map(|act| {
            let what = act.what.replacen(" an error", "", 1);
            view! {
                <li><div class="grow">
                    {first_line(&what)}
                    <span class="sub">{act.by.clone()}", "{time::ago(act.at, error.as_of)}</span>
                </div></li>
            }
        })
        .collect();
    Some(
        view! { <section class="card"><header><h2>"History"</h2></header><ul class="list">{acts}</ul></section> },
    )
}
