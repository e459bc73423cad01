//! One alert: what it says, where to look, and what to do about it.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::{Incident, Run, Runbook};

use super::{chart, silences, told, words};
use crate::{
    alerts::traces,
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    records::Kept,
    state::App,
    view::{
        Range,
        alerts::{
            State as AlertState,
            one::{self, AlertView},
        },
        runbooks::run::Cause,
    },
    web::{
        crumbs::Crumbs,
        field::form_token,
        format,
        icon::icon,
        layout::{live, page},
        link,
        nav::Section,
        runbooks::{one::run_line, run::start_form},
        time,
    },
};

/// Shows an alert.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let view = one::load(&app, id).await?;
    Ok(render(&caller, &view).into_response())
}

/// Says that the caller sees to it.
pub(crate) async fn acknowledge(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    app.catalog().acknowledge_alert(id, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to(&link::alert(id)))
}

fn render(caller: &Caller, alert: &AlertView) -> Html<String> {
    page(caller, Section::Alerts, &alert.line.title, || {
        let may_act = caller.role() >= Role::Editor && alert.line.resolved_at.is_none();
        view! {
            {Crumbs::of("/alerts", "Alerts").here(&format!("Alert {}", alert.line.id))}
            <div class="stack">
                {live(link::alert(alert.line.id), view! {
                    {head(caller, alert)}
                    <div class="stack">{what(alert)}{chart::card(alert)}{runs(alert)}{told::card(alert)}</div>
                })}
                // Outside of what refreshes by itself: nobody's typing is touched.
                {may_act.then(|| silences::card(caller, alert))}
            </div>
        }
    })
}

fn head(caller: &Caller, alert: &AlertView) -> impl IntoView + use<> {
    let line = &alert.line;
    let slo = line.slo.clone().map(|slo| {
        view! { <span class="dot">"·"</span><a href=link::slo(&slo)>{slo.clone()}</a> }
    });
    let runbook = alert.runbook.clone().map(|runbook| {
        let id = line.id.to_string();
        let here = alert.runbook_here.map(|here| link::with_query(&Runbook::page(here), &[("alert", &id)]));
        view! { <a class="button" href=here.unwrap_or(runbook) rel="noreferrer">{icon("book")}"Runbook"</a> }
    });
    view! {
        <div class="page-head">
            <h1 class="wrap-anywhere">{line.title.clone()}</h1>
            {words::state(line.state)}
            <div class="actions">{runbook}{declare(caller, alert)}{start_run(caller, alert)}{acknowledge_form(caller, alert)}</div>
            <p class="sub">
                {words::severity(line.severity)}<span class="dot">"·"</span>
                <a href=link::service(&line.service)>{line.service.clone()}</a>{slo}<span class="dot">"·"</span>
                "since "{time::minute(line.started_at)}
            </p>
        </div>
    }
}

fn acknowledge_form(caller: &Caller, alert: &AlertView) -> Option<impl IntoView + use<>> {
    let acknowledgeable = matches!(alert.line.state, AlertState::Firing | AlertState::Silenced);
    (acknowledgeable && caller.role() >= Role::Editor).then(|| {
        view! {
            <form action=format!("{}/acknowledge", link::alert(alert.line.id)) method="post">
                {form_token(caller.form_token())}
                <button class="button primary" type="submit">{icon("check")}"Acknowledge"</button>
            </form>
        }
    })
}

/// Declares an incident, with all filled in that the alert says; of one that was, leads to it.
fn declare(caller: &Caller, alert: &AlertView) -> Option<impl IntoView + use<>> {
    if let Some(incident) = alert.incident {
        return Some(view! { <a class="button" href=Incident::page(incident)>{icon("error")}"Incident"</a> });
    }
    let href = link::with_query("/incidents/new", &[("alert", &alert.line.id.to_string())]);
    (caller.role() >= Role::Editor)
        .then(|| view! { <a class="button" href=href>{icon("error")}"Declare an incident"</a> })
}

/// Starts a run of the alert's runbook; where it has none here, leads to those that there are.
fn start_run(caller: &Caller, alert: &AlertView) -> Option<impl IntoView + use<>> {
    let line = &alert.line;
    let under_way = alert.runs.iter().find(|run| run.finished_at.is_none());
    if let Some(run) = under_way {
        let href = Run::page(run.id);
        return Some(view! { <a class="button primary" href=href>{icon("play")}"To the run"</a> }.into_any());
    }
    if caller.role() < Role::Editor || line.resolved_at.is_some() {
        return None;
    }
    Some(match alert.runbook_here {
        Some(runbook) => {
            let cause = Cause::of_alert(line.id, &line.title, &line.service);
            start_form(caller, runbook, Some(&cause)).into_any()
        }
        None => {
            let href = link::with_query(Runbook::PATH, &[("service", &line.service)]);
            view! { <a class="button" href=href>{icon("book")}"Choose a runbook"</a> }.into_any()
        }
    })
}

/// Who followed which runbook for it.
fn runs(alert: &AlertView) -> Option<impl IntoView + use<>> {
    let lines: Vec<_> = alert.runs.iter().map(run_line).collect();
    (!lines.is_empty())
        .then(|| view! { <section class="card"><header><h2>"Runs of runbooks"</h2></header><ul class="list">{lines}</ul></section> })
}

/// What happened, and where to look.
fn what(alert: &AlertView) -> impl IntoView + use<> {
    let over = (!alert.over.is_empty()).then(|| {
        view! { <p class="prose wrap-anywhere"><b>"Over: "</b>{alert.over.clone()}</p> }
    });
    let silence = alert.silence.as_ref().map(|silence| {
        view! {
            <p class="notice warn">
                {icon("clock")}
                <span>
                    {format!("Silenced by {} until ", silence.created_by)}{time::minute(silence.ends_at)}
                    {format!(": {}", silence.reason)}
                </span>
            </p>
        }
    });
    view! {
        <section class="card">
            <header><h2>"What"</h2></header>
            <div class="body stack">
                {silence}
                <p class="prose wrap-anywhere">{alert.line.summary.clone()}</p>
                {over}
                {facts(alert)}
            </div>
        </section>
    }
}

fn facts(alert: &AlertView) -> impl IntoView + use<> {
    let line = &alert.line;
    let fired = line.fired_at.map(|at| view! { <dt>"Fired"</dt><dd>{time::moment(at)}</dd> });
    let acknowledged = line.acknowledged_at.map(|at| {
        let by = line.acknowledged_by.clone().unwrap_or_default();
        view! { <dt>"Acknowledged"</dt><dd>{by}", "{time::moment(at)}</dd> }
    });
    let over = line.resolved_at.map(|at| {
        let lasted = words::length(line.started_at, at);
        view! { <dt>"Over"</dt><dd>{time::moment(at)}{format!(", after {lasted}")}</dd> }
    });
    view! {
        <dl class="facts left">
            <dt>"Began"</dt><dd>{time::moment(line.started_at)}</dd>
            {fired}{acknowledged}{over}{deploy(alert)}{examples(alert)}
        </dl>
    }
}

fn deploy(alert: &AlertView) -> Option<impl IntoView + use<>> {
    let deploy = alert.clues.deploy.as_ref()?;
    let before = words::length(deploy.at, alert.line.started_at);
    let build = match deploy.commit.is_empty() {
        true => deploy.version.clone(),
        false => format!("{} ({})", deploy.version, deploy.commit.chars().take(7).collect::<String>()),
    };
    Some(view! {
        <dt>"Deploy before it"</dt>
        <dd>{format!("{build}, {before} before, ")}{time::minute(deploy.at)}</dd>
    })
}

fn examples(alert: &AlertView) -> Option<impl IntoView + use<>> {
    let clues = &alert.clues;
    if clues.search.is_empty() {
        return None;
    }
    let ids: Vec<_> = clues
        .traces
        .iter()
        .map(|id| view! { <a class="mono" href=link::trace(id)>{format::short_id(id)}</a>" " })
        .collect();
    let none = ids.is_empty().then_some("none was stored; ");
    Some(view! {
        <dt>{clues.traces_of.clone()}</dt>
        <dd>{ids}{none}<a href=traces(&clues.search, reaching(alert).as_str())>"search for more"</a></dd>
    })
}

/// The shortest range of a search that reaches back to when it began.
fn reaching(alert: &AlertView) -> Range {
    let ago = minutes_ago(alert);
    Range::ALL.into_iter().find(|range| i64::from(range.minutes()) > ago + 5).unwrap_or(Range::Month)
}

fn minutes_ago(alert: &AlertView) -> i64 {
    alert.as_of.duration_since(alert.line.started_at).as_secs() / 60
}
