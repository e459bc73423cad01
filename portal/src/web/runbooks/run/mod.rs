//! Run mode: a runbook being followed, by several people at once.

pub(crate) mod acts;
mod side;
mod steps;

use axum::Form;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::{Context, Run, RunStep, Runbook};
use serde::Deserialize;

use super::PATH;
use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    records::{self, Kept},
    state::App,
    view::{
        alerts::{self, one::AlertView},
        people::logins,
        records::ListFilter,
        runbooks::run::{self, Cause, RunView, RunsView},
    },
    web::{
        crumbs::Crumbs,
        field::{form_token, suggestions},
        format,
        icon::icon,
        layout::{live, page},
        nav::Section,
        records::{filter_form, service_link},
        time,
    },
};

/// What a run is for: at most one of these.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    alert: Option<i64>,
    incident: Option<i64>,
    gameday: Option<i64>,
}

impl Wish {
    fn context(self) -> Context {
        let Self { alert, incident, gameday } = self;
        alert
            .map(|id| Context::Alert { id })
            .or(incident.map(|id| Context::Incident { id }))
            .or(gameday.map(|id| Context::Gameday { id }))
            .unwrap_or_default()
    }
}

/// What a run would be for; a problem where that is not there.
pub(crate) async fn cause_of(app: &App, wish: &Wish) -> Result<Option<Cause>, Problem> {
    let context = wish.context();
    let cause = run::cause(app, &context).await?;
    if cause.is_none() && context != Context::None {
        let next = "It was deleted, or never there. Start the run from the runbook's own page.";
        return Err(Problem::not_found("What this run would be for is not there", next));
    }
    Ok(cause)
}

/// Lists runs, latest first.
pub(crate) async fn list(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Response, Problem> {
    let view = run::list(&app, &filter).await?;
    let services = crate::view::fleet::named(&app, "").await?;
    Ok(page(&caller, Section::Runbooks, "Runs", || runs(&filter, &view, &services)).into_response())
}

/// Starts a run of a runbook as it is now.
pub(crate) async fn start(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(wish): Form<Wish>,
) -> Result<Redirect, Problem> {
    let runbook = records::find::<Runbook>(&app, id).await?;
    let cause = cause_of(&app, &wish).await?;
    let steps = run::steps_of(&runbook.title, &runbook.body.markdown);
    let body = Run {
        runbook: id,
        runbook_version: runbook.version,
        context: wish.context(),
        started_at: app.clock().now(),
        started_by: caller.person().login.clone(),
        steps: steps.into_iter().map(|step| RunStep::open(step.text)).collect(),
        hand_overs: Vec::new(),
        finished_at: None,
        outcome: String::new(),
    };
    // A runbook of all services is followed for the one that needs it.
    let of_cause = cause.and_then(|cause| cause.service).unwrap_or_default();
    let service = if runbook.service.is_empty() { of_cause } else { runbook.service };
    let run = records::create(&app, &caller.actor(), &service, &runbook.title, &body).await?;
    Ok(Redirect::to(&run.page()))
}

/// Shows a run.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    render(&app, &caller, id, &acts::Refused::default(), StatusCode::OK).await
}

/// The button that starts a run.
pub(crate) fn start_form(caller: &Caller, runbook: i64, cause: Option<&Cause>) -> impl IntoView + use<> {
    let context = cause.map(|cause| {
        view! { <input type="hidden" name=cause.kind.clone() value=cause.id.to_string()/> }
    });
    let label = match cause {
        Some(cause) => format!("Start a run for this {}", cause.kind),
        None => "Start a run".to_owned(),
    };
    view! {
        <form action=format!("{PATH}/{runbook}/runs") method="post">
            {form_token(caller.form_token())}{context}
            <button class="button primary" type="submit">{icon("play")}{label}</button>
        </form>
    }
}

async fn render(
    app: &App,
    caller: &Caller,
    id: i64,
    refused: &acts::Refused,
    status: StatusCode,
) -> Result<Response, Problem> {
    let view = run::load(app, id).await?;
    let alert = match view.cause.as_ref().filter(|cause| cause.kind == "alert") {
        Some(cause) => Some(alerts::one::load(app, cause.id).await?),
        None => None,
    };
    let people = logins(app).await?;
    let html = page(caller, Section::Runbooks, &format!("{}, run", view.line.title), || {
        view! {
            {crumbs(&view)}
            {suggestions("people", &people)}
            {live(Run::page(id), content(caller, &view, alert.as_ref(), refused))}
        }
    });
    Ok((status, html).into_response())
}

fn crumbs(view: &RunView) -> impl IntoView + use<> {
    let title = view.line.title.clone();
    let runbook = match view.runbook_latest {
        Some(_) => view! { <a href=format!("{PATH}/{}", view.line.runbook)>{title}</a> }.into_any(),
        None => title.into_any(),
    };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb"><ol>
            <li><a href=PATH>"Runbooks"</a></li><li>{runbook}</li>
            <li aria-current="page">"Run of "{time::minute(view.line.started_at)}</li>
        </ol></nav>
    }
}

fn content(
    caller: &Caller,
    view: &RunView,
    alert: Option<&AlertView>,
    refused: &acts::Refused,
) -> impl IntoView + use<> {
    let may_act = caller.role() >= Role::Editor && view.line.finished_at.is_none();
    view! {
        {head(view)}
        <div class="with-side">
            <div class="stack">{outcome(view)}{steps::card(caller, view, refused, may_act)}</div>
            <div class="stack">
                {alert.map(side::alert)}
                {may_act.then(|| side::finish(caller, view, refused))}
                {side::people(caller, view, refused, may_act)}
                {side::earlier(view)}
            </div>
        </div>
    }
}

fn head(view: &RunView) -> impl IntoView + use<> {
    let line = &view.line;
    let (class, name, word) = match line.finished_at {
        None => ("pill is-info", "play", "Run mode"),
        Some(_) => ("pill is-na", "check", "Finished"),
    };
    let cause = view.cause.as_ref().map(|cause| {
        view! {
            {format!("for {} ", cause.kind)}<a href=cause.href.clone()>{cause.title.clone()}</a><span class="dot">"·"</span>
        }
    });
    let newer = view.runbook_latest.filter(|latest| *latest > line.runbook_version).map(|latest| {
        view! { <span class="dot">"·"</span><a href=format!("{PATH}/{}", line.runbook)>{format!("version {latest} is newer")}</a> }
    });
    let read = view.runbook_latest.map(|_| {
        let href = format!("{PATH}/{}/versions/{}", line.runbook, line.runbook_version);
        view! { <a class="button" href=href>{icon("book")}"Read it whole"</a> }
    });
    view! {
        <div class="page-head">
            <h1 class="wrap-anywhere">{line.title.clone()}</h1>
            <span class=class>{icon(name)}{word}</span>
            <div class="actions">{read}</div>
            <p class="sub">
                {service_link(line.service.as_deref())}<span class="dot">"·"</span>
                {format!("runbook version {}", line.runbook_version)}{newer}<span class="dot">"·"</span>{cause}
                {format!("started by {}, ", line.started_by)}{time::minute(line.started_at)}
            </p>
        </div>
    }
}

fn outcome(view: &RunView) -> Option<impl IntoView + use<>> {
    let at = view.line.finished_at?;
    let lasted = format::span(lasted(view, at));
    Some(view! {
        <section class="card">
            <header><h2>"How it ended"</h2><div class="end">{format!("after {lasted}, ")}{time::minute(at)}</div></header>
            <div class="body"><p class="prose wrap">{view.line.outcome.clone()}</p></div>
        </section>
    })
}

/// Seconds from its beginning.
fn lasted(view: &RunView, until: jiff::Timestamp) -> u64 {
    u64::try_from(until.duration_since(view.line.started_at).as_secs()).unwrap_or_default()
}

fn runs(filter: &ListFilter, view: &RunsView, services: &[String]) -> impl IntoView + use<> {
    let lines: Vec<_> = view
        .runs
        .iter()
        .map(|run| {
            let status = if run.finished_at.is_some() { run.outcome.clone() } else { "under way".to_owned() };
            view! {
                <li>
                    <span class="status">{format!("{} of {}", run.settled, run.of)}</span>
                    <div class="grow wrap-anywhere">
                        <a href=Run::page(run.id)>{run.title.clone()}</a>
                        <span class="sub">{format!("{status}, by {}", run.started_by)}</span>
                    </div>
                    <span class="small faint">{time::minute(run.started_at)}</span>
                </li>
            }
        })
        .collect();
    let none = lines.is_empty().then(|| view! {
        <div class="empty"><h2>"No run"</h2><p>"A run begins on the page of a runbook, or of an alert."</p><a class="button" href=PATH>"To the runbooks"</a></div>
    });
    view! {
        {Crumbs::of(PATH, "Runbooks").here("Runs")}
        <div class="page-head"><h1>"Runs"</h1><p class="sub">"who followed which runbook, latest first"</p></div>
        {filter_form(Run::PATH, filter, services)}
        <section class="card">{none}<ul class="list">{lines}</ul></section>
    }
}
