//! One runbook: read, reviewed, deleted, and where a run of it begins.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::{Runbook, markdown};
use serde::Deserialize;

use super::{PATH, linked_from, review_due, run};
use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    records::{self, NotTaken},
    state::App,
    view::runbooks::{
        one::{self, RunbookView, VersionLine},
        run::{Cause, RunLine},
    },
    web::{
        crumbs::Crumbs,
        field::form_token,
        format,
        icon::icon,
        layout::page,
        nav::Section,
        records::{delete_card, service_link},
        time,
    },
};

/// The form that says that a runbook is right.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reviewed {
    version: i64,
}

/// Shows a runbook, and what a run of it would be for.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(wish): Query<run::Wish>,
) -> Result<Response, Problem> {
    let view = one::load(&app, id).await?;
    let cause = run::cause_of(&app, &wish).await?;
    Ok(render(&caller, &view, cause.as_ref()).into_response())
}

/// Somebody has read it, and finds it right as it is.
pub(crate) async fn review(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(Reviewed { version }): Form<Reviewed>,
) -> Result<Redirect, Problem> {
    let mut entry = records::find::<Runbook>(&app, id).await?;
    entry.version = version;
    entry.body.reviewed_at = Some(app.clock().now());
    entry.body.reviewed_by = Some(caller.person().login.clone());
    records::save(&app, &caller.actor(), &entry).await.map_err(|error| match error {
        NotTaken::Changed(told) => Problem::new(
            axum::http::StatusCode::CONFLICT,
            "The runbook has changed since you opened it",
            format!("It was not marked as reviewed: {told}. Go back, reload the page, and read it again."),
        ),
        error => error.into(),
    })?;
    Ok(Redirect::to(&entry.page()))
}

/// Deletes a runbook with its versions. Its runs stay.
pub(crate) async fn delete(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    records::delete::<Runbook>(&app, &caller.actor(), id).await?;
    Ok(Redirect::to(PATH))
}

fn render(caller: &Caller, runbook: &RunbookView, cause: Option<&Cause>) -> Html<String> {
    page(caller, Section::Runbooks, &runbook.line.title, || {
        let may_edit = caller.role() >= Role::Editor;
        let own = format!("{PATH}/{}", runbook.line.id);
        view! {
            {Crumbs::of(PATH, "Runbooks").here(&runbook.line.title)}
            <div class="page-head">
                <h1 class="wrap-anywhere">{runbook.line.title.clone()}</h1>
                <div class="actions">
                    {may_edit.then(|| view! { <a class="button" href=format!("{own}/edit")>"Edit"</a> })}
                    {may_edit.then(|| run::start_form(caller, runbook.line.id, cause))}
                </div>
                <p class="sub">
                    {service_link(runbook.line.service.as_deref())}<span class="dot">"·"</span>
                    {format!("version {}", runbook.version)}<span class="dot">"·"</span>{said(runbook)}
                </p>
            </div>
            <div class="with-side">
                <section class="card"><div class="body prose wrap-anywhere" inner_html=markdown::to_html(&runbook.markdown, "text-")></div></section>
                <div class="stack">
                    {review_card(caller, runbook, &own, may_edit)}
                    {runs_card(&runbook.runs)}
                    {links_card(runbook)}
                    {versions_card(runbook, &own)}
                    {may_edit.then(|| delete_card(caller, format!("{own}/delete"), "runbook", warning(runbook)))}
                </div>
            </div>
        }
    })
}

/// `reviewed 20 Nov, 14:12 CET by ines`, or written.
fn said(runbook: &RunbookView) -> impl IntoView + use<> {
    let verb = if runbook.is_reviewed { "reviewed " } else { "written " };
    view! { {verb}{time::minute(runbook.line.reviewed_at)}{format!(" by {}", runbook.line.reviewed_by)} }
}

fn review_card(caller: &Caller, runbook: &RunbookView, own: &str, may_edit: bool) -> impl IntoView + use<> {
    let due = runbook.line.review_due.then(|| view! { <p>{review_due()}</p> });
    let form = may_edit.then(|| {
        view! {
            <form action=format!("{own}/review") method="post">
                {form_token(caller.form_token())}
                <input type="hidden" name="version" value=runbook.version.to_string()/>
                <button class="button" type="submit">{icon("check")}"Reviewed: it is right as it is"</button>
            </form>
        }
    });
    view! {
        <section class="card">
            <header><h2>"Review"</h2></header>
            <div class="body stack">
                {due}
                <p class="muted">"Last "{said(runbook)}", "{time::ago(runbook.line.reviewed_at, runbook.as_of)}"."</p>
                {form}
            </div>
        </section>
    }
}

fn links_card(runbook: &RunbookView) -> impl IntoView + use<> {
    let content = if runbook.line.linked_from.is_empty() {
        let path = format!("{PATH}/{}", runbook.line.id);
        view! {
            <p class="muted">
                "No SLO links it, so no alert leads here. Write "<code>{path}</code>" into the field Runbook of an SLO."
            </p>
        }
        .into_any()
    } else {
        view! { <p>{linked_from(&runbook.line.linked_from)}</p> }.into_any()
    };
    view! { <section class="card"><header><h2>"Linked from"</h2></header><div class="body">{content}</div></section> }
}

fn versions_card(runbook: &RunbookView, own: &str) -> impl IntoView + use<> {
    let own = own.to_owned();
    let line = |version: &VersionLine| {
        view! {
            <li>
                <a href=format!("{own}/versions/{}", version.version)>{format!("Version {}", version.version)}</a>
                <div class="grow">{version.what.clone()}<span class="sub">{format!("{}, ", version.by)}{time::minute(version.at)}</span></div>
            </li>
        }
    };
    let lines: Vec<_> = runbook.versions.iter().map(line).collect();
    view! { <section class="card" id="versions"><header><h2>"Versions"</h2></header><ul class="list">{lines}</ul></section> }
}

/// Runs, latest first.
pub(super) fn runs_card(runs: &[RunLine]) -> impl IntoView + use<> {
    let content = if runs.is_empty() {
        view! { <div class="body"><p class="muted">"Nobody has followed it here yet. A gameday is a good first time."</p></div> }
            .into_any()
    } else {
        let lines: Vec<_> = runs.iter().take(20).map(run_line).collect();
        view! { <ul class="list">{lines}</ul> }.into_any()
    };
    view! {
        <section class="card" id="runs">
            <header><h2>"Runs"</h2><div class="end">{format::plural(runs.len(), "run")}</div></header>
            {content}
        </section>
    }
}

/// How far it came, when, and how it ended.
pub(crate) fn run_line(run: &RunLine) -> impl IntoView + use<> {
    let (class, name) = match (run.finished_at, run.settled == run.of) {
        (None, _) => ("is-info", "play"),
        (Some(_), true) => ("is-pass", "pass"),
        (Some(_), false) => ("is-na", "part"),
    };
    let told = match run.finished_at {
        Some(_) => run.outcome.clone(),
        None => format!("under way, begun by {}", run.started_by),
    };
    view! {
        <li>
            <span class=format!("status {class}")>{icon(name)}{format!("{} of {}", run.settled, run.of)}</span>
            <div class="grow wrap-anywhere">
                <a href=format!("/runs/{}", run.id)>{time::minute(run.started_at)}</a>
                <span class="sub">{told}{format!(", version {}", run.runbook_version)}</span>
            </div>
        </li>
    }
}

fn warning(runbook: &RunbookView) -> String {
    match runbook.line.linked_from.len() {
        0 => "It goes with all its versions; its runs stay. This cannot be undone.".to_owned(),
        links => format!(
            "It goes with all its versions; its runs stay. {} to it will lead nowhere. This cannot be undone.",
            format::plural(links, "link")
        ),
    }
}
