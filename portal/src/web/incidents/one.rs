//! One incident: what happens, who leads, what is to be done.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::{ActionItem, Entry as TimelineEntry, Incident};

use super::{PATH, acts::Refused, words};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    records::Kept,
    state::App,
    view::{
        incidents::one::{self, IncidentView},
        people::logins,
    },
    web::{
        crumbs::Crumbs,
        field::{Area, Field, form_token, suggestions},
        format,
        icon::icon,
        layout::{live, page},
        link,
        nav::Section,
        records::{delete_card, service_link},
        runbooks::one::run_line,
        time,
    },
};

const TEXT: Area = Area { name: "text", label: "What happened", hint: "" };
const AT: Field = Field::optional("at", "When").kind("datetime-local").hint("empty means now");
const WHY: Field = Field::optional("text", "What ended it").like("rolled back to 1.8.1");
const AGAIN: Field = Field::optional("text", "Why").like("errors came back");
const ITEM: Field =
    Field::text("item", "What is to be done", "off").like("give the client of barista a timeout");
const OWNER: Field = Field::optional("owner", "Owner").list("people");
const DUE: Field = Field::optional("due", "Due").kind("date");

/// Shows an incident.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    render(&app, &caller, id, &Refused::default(), StatusCode::OK).await
}

pub(super) async fn render(
    app: &App,
    caller: &Caller,
    id: i64,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Problem> {
    let view = one::load(app, id).await?;
    let people = logins(app).await?;
    let html = page(caller, Section::Incidents, &view.line.title, || {
        let may_edit = caller.role() >= Role::Editor;
        view! {
            {Crumbs::of(PATH, "Incidents").here(&view.line.title)}
            {suggestions("people", &people)}
            {live(Incident::page(id), content(caller, &view, refused, may_edit))}
        }
    });
    Ok((status, html).into_response())
}

fn content(caller: &Caller, view: &IncidentView, refused: &Refused, may_edit: bool) -> impl IntoView + use<> {
    let own = Incident::page(view.line.id);
    let warning = "It goes with its timeline, action items and postmortem. This cannot be undone.".to_owned();
    view! {
        {head(view, &own, may_edit)}
        {refused.refusal.elsewhere(&["text", "at", "item", "due", "owner"])}
        <div class="with-side">
            <div class="stack">{timeline(caller, view, refused, &own, may_edit)}{items(caller, view, refused, &own, may_edit)}</div>
            <div class="stack">
                {facts(view)}
                {may_edit.then(|| ending(caller, view, &own))}
                {runs(view)}
                {postmortem(view, &own, may_edit)}
                {may_edit.then(|| delete_card(caller, format!("{own}/delete"), "incident", warning))}
            </div>
        </div>
    }
}

fn head(view: &IncidentView, own: &str, may_edit: bool) -> impl IntoView + use<> {
    let line = &view.line;
    let edit = may_edit.then(|| view! { <a class="button" href=format!("{own}/edit")>"Edit"</a> });
    view! {
        <div class="page-head">
            <h1 class="wrap-anywhere">{line.title.clone()}</h1>
            {words::severity(line.severity)}{words::state(line, view.as_of)}
            <div class="actions">{edit}</div>
            <p class="sub">
                {service_link(line.service.as_deref())}<span class="dot">"·"</span>"began "{time::minute(line.started_at)}
            </p>
        </div>
    }
}

fn timeline(
    caller: &Caller,
    view: &IncidentView,
    refused: &Refused,
    own: &str,
    may_edit: bool,
) -> impl IntoView + use<> {
    let entry = |entry: &TimelineEntry| {
        view! {
            <li>
                <span class="small faint nowrap">{time::minute(entry.at)}</span>
                <div class="grow"><p class="wrap">{entry.text.clone()}</p><span class="sub">{entry.by.clone()}</span></div>
            </li>
        }
    };
    let entries: Vec<_> = view.timeline.iter().map(entry).collect();
    let none = entries.is_empty().then(|| view! {
        <div class="body"><p class="muted">"Nothing yet. Write down what is seen, decided and done, as it happens."</p></div>
    });
    let form = may_edit.then(|| {
        view! {
            <div class="body">
                <form class="form" action=format!("{own}/timeline") method="post">
                    {form_token(caller.form_token())}
                    {TEXT.view(&refused.noted.text, refused.refusal.at("text"))}
                    {AT.view(&refused.noted.at, refused.refusal.at("at"))}
                    <div class="actions"><button class="button" type="submit">{icon("plus")}"Add to the timeline"</button></div>
                </form>
            </div>
        }
    });
    view! {
        <section class="card" id="timeline">
            <header><h2>"Timeline"</h2></header>
            {none}<ol class="list timeline">{entries}</ol>{form}
        </section>
    }
}

fn items(
    caller: &Caller,
    view: &IncidentView,
    refused: &Refused,
    own: &str,
    may_edit: bool,
) -> impl IntoView + use<> {
    let today = view.as_of.to_zoned(caller.preferences().zone.clone()).date();
    let items: Vec<_> = view
        .action_items
        .iter()
        .enumerate()
        .map(|(index, one)| item(caller, own, index + 1, one, today, may_edit))
        .collect();
    let none = items.is_empty().then(|| view! {
        <div class="body"><p class="muted">"None yet. What would have made it shorter, or not happen at all?"</p></div>
    });
    let open = view.line.open_items;
    let form = may_edit.then(|| {
        let typed = &refused.item;
        view! {
            <div class="body">
                <form class="form" action=format!("{own}/items") method="post">
                    {form_token(caller.form_token())}
                    {ITEM.view(&typed.item, refused.refusal.at("item"))}
                    {OWNER.view(&typed.owner, refused.refusal.at("owner"))}
                    {DUE.view(&typed.due, refused.refusal.at("due"))}
                    <div class="actions"><button class="button" type="submit">{icon("plus")}"Add an action item"</button></div>
                </form>
            </div>
        }
    });
    view! {
        <section class="card" id="items">
            <header><h2>"Action items"</h2><div class="end">{format!("{open} open")}</div></header>
            {none}<ul class="list">{items}</ul>{form}
        </section>
    }
}

fn item(
    caller: &Caller,
    own: &str,
    number: usize,
    item: &ActionItem,
    today: Date,
    may_edit: bool,
) -> impl IntoView + use<> {
    let (class, name, word) = match item.done_at {
        Some(_) => ("is-pass", "pass", "done"),
        None if item.due.is_some_and(|due| due < today) => ("is-fail", "clock", "overdue"),
        None => ("is-unknown", "clock", "open"),
    };
    let owner = item.owner.clone().unwrap_or_else(|| "nobody".to_owned());
    let due = item.due.map(|due| format!(", due {due}"));
    let done = item.done_at.map(|at| view! { ", done "{time::minute(at)} });
    let form = may_edit.then(|| {
        let (act, label) = if item.done_at.is_some() { ("undo", "Not done") } else { ("done", "Done") };
        view! {
            <form action=format!("{own}/items/{number}") method="post">
                {form_token(caller.form_token())}
                <button class="button small" type="submit" name="act" value=act aria-label=format!("{label}: {}", item.text)>{label}</button>
            </form>
        }
    });
    view! {
        <li>
            <span class=format!("status {class}")>{icon(name)}{word}</span>
            <div class="grow wrap-anywhere">{item.text.clone()}<span class="sub">{owner}{due}{done}</span></div>
            {form}
        </li>
    }
}

fn facts(view: &IncidentView) -> impl IntoView + use<> {
    let line = &view.line;
    let commander = line.commander.clone().unwrap_or_else(|| "nobody yet".to_owned());
    let alert = view.alert.as_ref().map(|alert| {
        view! { <dt>"Alert"</dt><dd><a href=alert.href.clone()>{alert.title.clone()}</a></dd> }
    });
    let over = line.resolved_at.map(|at| view! { <dt>"Over"</dt><dd>{time::moment(at)}</dd> });
    view! {
        <section class="card">
            <header><h2>"In short"</h2></header>
            <div class="body"><dl class="facts">
                <dt>"Commander"</dt><dd>{commander}</dd>
                <dt>"Noticed by"</dt><dd>{words::detection(line.detected_by).1}</dd>
                {alert}
                <dt>"Began"</dt><dd>{time::moment(line.started_at)}</dd>
                {over}
            </dl></div>
        </section>
    }
}

/// Says that it is over, or that it was not.
fn ending(caller: &Caller, view: &IncidentView, own: &str) -> impl IntoView + use<> {
    let (act, label, field) = match view.line.resolved_at {
        None => ("resolve", "It is over", WHY),
        Some(_) => ("reopen", "Open it again", AGAIN),
    };
    let class = if act == "resolve" { "button primary" } else { "button" };
    view! {
        <section class="card" id="ending">
            <header><h2>{label}</h2></header>
            <div class="body">
                <form class="form" action=format!("{own}/{act}") method="post">
                    {form_token(caller.form_token())}
                    {field.view("", None)}
                    <div class="actions"><button class=class type="submit">{label}</button></div>
                </form>
            </div>
        </section>
    }
}

fn runs(view: &IncidentView) -> impl IntoView + use<> {
    let runs: Vec<_> = view.runs.iter().map(run_line).collect();
    let id = view.line.id.to_string();
    let offered: Vec<_> = view
        .runbooks
        .iter()
        .map(|runbook| {
            let href = link::with_query(&runbook.href, &[("incident", &id)]);
            view! { <li>{icon("book")}<a class="grow wrap-anywhere" href=href>{runbook.title.clone()}</a></li> }
        })
        .collect();
    let none = (runs.is_empty() && offered.is_empty()).then(|| {
        let service = view.line.service.as_deref().unwrap_or_default();
        let href = link::with_query("/runbooks/new", &[("service", service)]);
        view! { <div class="body"><p class="muted">"There is no runbook for this. "<a href=href>"Write one"</a>" when it is over."</p></div> }
    });
    let count = format::plural(view.runs.len(), "run");
    view! {
        <section class="card" id="runs">
            <header><h2>"Runbooks"</h2><div class="end">{count}</div></header>
            {none}<ul class="list">{runs}{offered}</ul>
        </section>
    }
}

fn postmortem(view: &IncidentView, own: &str, may_edit: bool) -> impl IntoView + use<> {
    let content = if view.line.has_postmortem {
        view! { <a class="button" href=format!("{own}/postmortem")>{icon("book")}"Read it"</a> }.into_any()
    } else if may_edit {
        view! {
            <p class="muted">"When it is over: what happened, why, and what is done about it. Within a week, while people remember."</p>
            <a class="button" href=format!("{own}/postmortem/edit")>{icon("plus")}"Write the postmortem"</a>
        }
        .into_any()
    } else {
        view! { <p class="muted">"Nobody has written it yet."</p> }.into_any()
    };
    view! { <section class="card"><header><h2>"Postmortem"</h2></header><div class="body stack">{content}</div></section> }
}
