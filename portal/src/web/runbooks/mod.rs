//! Runbooks: listed, read, written and followed.

pub(crate) mod editor;
pub(crate) mod one;
pub(crate) mod run;
pub(crate) mod version;

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::Runbook;

use super::{
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    records::{empty_list, filter_form, service_link},
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    records::Kept,
    state::App,
    view::{
        records::ListFilter,
        runbooks::{self, LinkedFrom, RunbookLine, RunbooksView},
    },
};

const PATH: &str = Runbook::PATH;
const ADVICE: &str = "A runbook says what to do when something is wrong, step by step, so that whoever is called at night need not think \
                      of it. Write the first for the alert that would wake you, and link it from its SLO.";
const COLUMNS: [Column; 5] = [
    column("Runbook", "name-cell"),
    column("Service", "two"),
    column("Reviewed", "two"),
    column("Runs", "two"),
    column("Linked from", "full"),
];

/// Lists runbooks.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Response, Problem> {
    let view = runbooks::load(&app, &filter).await?;
    Ok(render(&caller, &filter, &view).into_response())
}

fn render(caller: &Caller, filter: &ListFilter, view: &RunbooksView) -> Html<String> {
    page(caller, Section::Runbooks, "Runbooks", || {
        let may_edit = caller.role() >= Role::Editor;
        let write = || {
            let href = link::with_query("/runbooks/new", &[("service", &filter.service)]);
            view! { <a class="button primary" href=href>{icon("plus")}"Write a runbook"</a> }
        };
        let rows: Vec<_> = view.runbooks.iter().map(|runbook| row(runbook, view)).collect();
        let content = match rows.is_empty() {
            true => {
                let begin = may_edit.then(|| write().into_any());
                empty_list("runbook", PATH, filter, ADVICE, begin)
            }
            false => view! { <section class="card">{table("Runbooks, longest unreviewed first", &COLUMNS, rows)}</section> }
                .into_any(),
        };
        view! {
            <div class="page-head">
                <h1>"Runbooks"</h1>
                <div class="actions">{may_edit.then(write)}</div>
                <p class="sub">
                    {format::plural(view.runbooks.len(), "runbook")}<span class="dot">"·"</span>"longest unreviewed first"
                </p>
            </div>
            {filter_form(PATH, filter, &view.services)}
            {content}
        }
    })
}

fn row(runbook: &RunbookLine, view: &RunbooksView) -> impl IntoView + use<> {
    let [_, service, reviewed, runs, from] = COLUMNS;
    let due = runbook.review_due.then(review_due);
    let last = runbook.last_run_at.map(|at| view! { ", last "{time::ago(at, view.as_of)} });
    let runs_told = match runbook.runs {
        0 => nothing().into_any(),
        count => view! { {format::plural(count, "run")}{last} }.into_any(),
    };
    view! {
        <tr role="row">
            {row_head(view! { <a class="wrap-anywhere" href=format!("{PATH}/{}", runbook.id)>{runbook.title.clone()}</a> })}
            {service.cell(service_link(runbook.service.as_deref()))}
            {reviewed.cell(view! { {time::ago(runbook.reviewed_at, view.as_of)}{format!(" by {} ", runbook.reviewed_by)}{due} })}
            {runs.cell(runs_told)}
            {from.cell(linked_from(&runbook.linked_from))}
        </tr>
    }
}

/// That nobody has looked at it for long.
fn review_due() -> impl IntoView {
    let told = format!("not reviewed for {} d", runbooks::REVIEW_DAYS);
    view! { <span class="status is-warn">{icon("stale")}{told}</span> }
}

fn linked_from(links: &[LinkedFrom]) -> AnyView {
    if links.is_empty() {
        return nothing().into_any();
    }
    let links: Vec<_> = links
        .iter()
        .enumerate()
        .map(|(index, from)| {
            let comma = (index > 0).then_some(", ");
            view! { {comma}<a href=from.href.clone()>{format!("{} {}", from.kind, from.title)}</a> }
        })
        .collect();
    links.into_any()
}
