//! One gameday: its scenarios with how the service did meanwhile, tickets, verdict and report.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::{Gameday, Verdict, markdown};

use super::{PATH, slis::slis, state, tickets};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    records::Kept,
    state::App,
    view::gamedays::one::{self, GamedayView, ScenarioView},
    web::{
        crumbs::Crumbs, field::form_token, format, icon::icon, layout::page, nav::Section,
        records::service_link, time,
    },
};

/// Shows a gameday.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    render(&app, &caller, id, &tickets::Refused::default()).await
}

/// The page, with the form of a ticket as it was refused.
pub(super) async fn render(
    app: &App,
    caller: &Caller,
    id: i64,
    refused: &tickets::Refused,
) -> Result<Response, Problem> {
    let view = one::load(app, id).await?;
    let may_edit = caller.role() >= Role::Editor;
    let own = Gameday::page(id);
    let html = page(caller, Section::Gamedays, &view.line.title, || {
        let scenarios: Vec<_> = view
            .tried
            .iter()
            .enumerate()
            .map(|(index, one)| scenario(caller, &own, index, one, may_edit))
            .collect();
        view! {
            {Crumbs::of(PATH, "Gamedays").here(&view.line.title)}
            {head(&view, &own, may_edit)}
            <div class="with-side">
                <div class="stack">
                    {view.tried.is_empty().then(nothing_tried)}
                    {scenarios}
                    {conclusion(&view, &own, may_edit)}
                </div>
                <div class="stack">
                    {tickets::card(caller, &view, &own, refused, may_edit)}
                    {about(&view)}
                </div>
            </div>
        }
    });
    let status = if refused.is_any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html).into_response())
}

fn head(view: &GamedayView, own: &str, may_edit: bool) -> impl IntoView + use<> {
    let own = own.to_owned();
    let actions = may_edit.then(|| {
        view! {
            <a class="button" href=format!("{own}/edit")>"Edit the plan"</a>
            <a class="button primary" href=format!("{own}/scenarios/new")>{icon("plus")}"Add a scenario"</a>
        }
    });
    view! {
        <div class="page-head">
            <h1 class="wrap-anywhere">{view.line.title.clone()}</h1>{state(view.line.state)}
            <div class="actions">{actions}</div>
            <p class="sub">
                {service_link(view.line.service.as_deref())}<span class="dot">"·"</span>
                {time::moment(view.line.planned_for)}<span class="dot">"·"</span>
                {format::plural(view.line.scenarios, "scenario")}
            </p>
        </div>
    }
}

fn nothing_tried() -> impl IntoView {
    view! {
        <section class="card"><div class="empty">
            <h2>"Nothing is to be tried yet"</h2>
            <p>"Add a scenario: what is done, what should happen then, and which dependency is taken away."</p>
        </div></section>
    }
}

fn scenario(
    caller: &Caller,
    own: &str,
    index: usize,
    view: &ScenarioView,
    may_edit: bool,
) -> impl IntoView + use<> {
    let (class, name, word) = match (view.verdict, view.started_at, view.ended_at) {
        (Some(Verdict::Held), ..) => ("status is-pass", "pass", "Held"),
        (Some(Verdict::Failed), ..) => ("status is-fail", "fail", "Failed"),
        (None, None, _) => ("status is-na", "clock", "Not begun"),
        (None, Some(_), None) => ("status is-info", "play", "On"),
        (None, Some(_), Some(_)) => ("status is-unknown", "unknown", "No verdict yet"),
    };
    let taken = view.taken_away.clone().map(|taken| view! { <dt>"Takes away"</dt><dd>{taken}</dd> });
    let times = view.started_at.map(|started| {
        let ended = view.ended_at.map(|ended| view! { " to "{time::minute(ended)} });
        view! { <dt>"When"</dt><dd>{time::minute(started)}{ended}</dd> }
    });
    let actual = (!view.actual.is_empty())
        .then(|| view! { <dt>"Happened"</dt><dd class="wrap">{view.actual.clone()}</dd> });
    let path = format!("{own}/scenarios/{index}");
    view! {
        <section class="card" id=format!("scenario-{index}")>
            <header>
                <h2 class="wrap-anywhere">{format!("{}. {}", index + 1, view.title)}</h2>
                <div class="end"><span class=class>{icon(name)}{word}</span></div>
            </header>
            <div class="body stack">
                <dl class="facts left">
                    <dt>"Expected"</dt><dd class="wrap">{view.expected.clone()}</dd>{taken}{times}{actual}
                </dl>
                {may_edit.then(|| buttons(caller, &path, view))}
            </div>
            {slis(&view.slis)}
        </section>
    }
}

fn buttons(caller: &Caller, path: &str, view: &ScenarioView) -> impl IntoView + use<> {
    let now = match (view.started_at, view.ended_at) {
        (None, _) => Some(("start", "Start it now", "button primary")),
        (Some(_), None) => Some(("end", "End it now", "button primary")),
        _ => None,
    };
    let now = now.map(|(verb, words, class)| {
        view! {
            <form action=format!("{path}/{verb}") method="post">
                {form_token(caller.form_token())}
                <input type="hidden" name="title" value=view.title.clone()/>
                <button class=class type="submit">{words}</button>
            </form>
        }
    });
    let words = if view.verdict.is_none() { "Write what happened" } else { "Change" };
    view! { <div class="actions">{now}<a class="button" href=path.to_owned()>{words}</a></div> }
}

fn conclusion(view: &GamedayView, own: &str, may_edit: bool) -> impl IntoView + use<> {
    let edit = may_edit.then(|| {
        let words = if view.line.state.is_over() { "Change" } else { "Conclude the day" };
        view! { <div class="actions"><a class="button" href=format!("{own}/conclusion")>{words}</a></div> }
    });
    let report = if view.report.is_empty() {
        view! { <p class="muted">"Nobody has written what was learnt."</p> }.into_any()
    } else {
        view! { <div class="prose wrap-anywhere" inner_html=markdown::to_html(&view.report, "report-")></div> }.into_any()
    };
    view! {
        <section class="card" id="report">
            <header><h2>"Verdict and report"</h2><div class="end">{state(view.line.state)}</div></header>
            <div class="body stack">{report}{edit}</div>
        </section>
    }
}

fn about(view: &GamedayView) -> impl IntoView + use<> {
    let who = if view.line.participants.is_empty() {
        "nobody yet".to_owned()
    } else {
        view.line.participants.join(", ")
    };
    view! {
        <section class="card"><header><h2>"About"</h2></header><div class="body">
            <dl class="facts left">
                <dt>"Participants"</dt><dd>{who}</dd>
                <dt>"Last change"</dt><dd>{view.updated_by.clone()}", "{time::minute(view.updated_at)}</dd>
            </dl>
        </div></section>
    }
}
