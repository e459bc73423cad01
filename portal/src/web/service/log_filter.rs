//! Which lines instances log, changed for a while.

use axum::{
    Form,
    extract::{Path, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;

use super::tabs::tabs;
use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    state::App,
    view::log_filter::{self, ChangeView, FilterOrder, InstanceFilter, LogFilterView},
    web::{
        crumbs::Crumbs,
        field::form_token,
        format::{self, short_id},
        icon::icon,
        layout::{live, page},
        link,
        nav::Section,
        status::nothing,
        table::{Column, column, row_head, table},
        time,
    },
};

const COLUMNS: [Column; 4] = [
    column("Instance", "name-cell"),
    column("Filter in force", "two"),
    column("Until", "two"),
    column("Then", "two"),
];

/// Shows what is in force.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    let view = log_filter::load(&app, &service).await?;
    Ok(render(&caller, &view).into_response())
}

/// Asks for another for a while.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(service): Path<String>,
    Form(order): Form<FilterOrder>,
) -> Result<Response, Problem> {
    log_filter::ask(&app, &service, &order, &caller.actor()).await?;
    Ok(Redirect::to(&link::log_filter(&service)).into_response())
}

fn render(caller: &Caller, view: &LogFilterView) -> Html<String> {
    let service = &view.service;
    page(caller, Section::Fleet, &format!("{service}, log filter"), || {
        let form = (caller.role() >= Role::Editor && !view.instances.is_empty()).then(|| form(caller, view));
        view! {
            {Crumbs::of_service(service).here("Log filter")}
            <div class="page-head">
                <h1><span class="key k1" aria-hidden="true"></span>{service.clone()}<span class="hidden-text">" log filter"</span></h1>
                <p class="sub">"which lines its instances log, changed for a while and then back"</p>
            </div>
            {tabs(service, "logs")}
            <div class="stack">{form}{live(link::log_filter(service), content(view))}</div>
        }
    })
}

fn form(caller: &Caller, view: &LogFilterView) -> impl IntoView + use<> {
    let options: Vec<_> = view
        .instances
        .iter()
        .map(|one| view! { <option value=one.id.clone()>{format!("{} on {}", short_id(&one.id), one.host)}</option> })
        .collect();
    view! {
        <section class="card">
            <header><h2>"Log more, or less, for a while"</h2></header>
            <div class="body">
                <form class="filter-line" method="post" action=link::log_filter(&view.service)>
                    {form_token(caller.form_token())}
                    <label for="instance">"Instance"</label>
                    <select class="select" id="instance" name="instance"><option value="">"all of them"</option>{options}</select>
                    <label for="filter">"Filter"</label>
                    <input class="input" id="filter" name="filter" required=true maxlength="1024" placeholder="debug, or info,sqlx=debug"/>
                    <label for="minutes">"for"</label>
                    <input class="input compact" id="minutes" name="minutes" type="number" min="1" max="1440" value="10"/>
                    <span>"min"</span>
                    <button class="button primary" type="submit">{icon("check")}"Change"</button>
                </form>
            </div>
        </section>
    }
}

fn content(view: &LogFilterView) -> impl IntoView + use<> {
    let rows: Vec<_> = view.instances.iter().map(row).collect();
    let list = match rows.is_empty() {
        false => table("Filters in force, by instance", &COLUMNS, rows).into_any(),
        true => view! { <div class="empty"><h2>"No instance checks in"</h2><p>"There is nobody to ask."</p></div> }.into_any(),
    };
    let changes: Vec<_> = view.changes.iter().map(change_line).collect();
    let changes = (!changes.is_empty()).then(|| {
        view! { <section class="card"><header><h2>"Asked within the hour"</h2></header><ul class="list">{changes}</ul></section> }
    });
    view! { <div class="stack"><section class="card">{list}</section>{changes}</div> }
}

fn row(one: &InstanceFilter) -> impl IntoView + use<> {
    let [_, filter, until, usual] = COLUMNS;
    let code = |text: Option<String>| {
        text.map_or_else(
            || nothing().into_any(),
            |text| view! { <code class="wrap-anywhere">{text}</code> }.into_any(),
        )
    };
    let unknown = one
        .filter
        .is_none()
        .then_some("The service logs with a subscriber of its own, or its agent is older.");
    view! {
        <tr role="row">
            {row_head(view! { <span class="mono" title=one.id.clone()>{short_id(&one.id)}</span>" "<span class="sub">{one.host.clone()}</span> })}
            {filter.cell(view! { <span title=unknown>{code(one.filter.clone())}</span> })}
            {until.cell(one.until.map_or_else(|| "for good".into_any(), |at| time::clock(at).into_any()))}
            {usual.cell(code(one.usual.clone()))}
        </tr>
    }
}

fn change_line(change: &ChangeView) -> impl IntoView + use<> {
    let state = match change.done {
        None => view! { <span class="status is-info">{icon("clock")}"waits for the next check-in"</span> }.into_any(),
        Some(true) => view! { <span class="status is-pass">{icon("pass")}"done"</span> }.into_any(),
        Some(false) => {
            view! { <span class="status is-fail">{icon("fail")}"not done"</span><span class="small wrap-anywhere">{change.detail.clone()}</span> }
                .into_any()
        }
    };
    let length = format::span(change.for_seconds.into());
    view! {
        <li><div class="row">
            <code class="wrap-anywhere">{change.filter.clone()}</code>
            <span class="muted">{length}" of "<span class="mono">{short_id(&change.instance)}</span>", asked by "{change.asked_by.clone()}" at "{time::clock(change.asked_at)}</span>
            {state}
        </div></li>
    }
}
