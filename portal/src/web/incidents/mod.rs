//! Incidents: listed, declared, led and learnt from.

pub(crate) mod acts;
pub(crate) mod editor;
pub(crate) mod one;
pub(crate) mod postmortem;
mod typed;
mod words;

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::Incident;

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
        incidents::{self, IncidentLine, IncidentsView},
        records::ListFilter,
    },
};

const PATH: &str = Incident::PATH;
const ADVICE: &str = "When customers are hurt, declare an incident: say who leads, write down what happens as it happens, and afterwards \
                      what was learnt. Of an alert, its page does so with all of it filled in.";
const COLUMNS: [Column; 6] = [
    column("Incident", "name-cell"),
    column("Severity", "two"),
    column("Service", "two"),
    column("Began", "two"),
    column("Commander", "two"),
    column("Stands", "two full"),
];

/// Lists incidents, open ones first.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Response, Problem> {
    let view = incidents::load(&app, &filter).await?;
    Ok(render(&caller, &filter, &view).into_response())
}

fn render(caller: &Caller, filter: &ListFilter, view: &IncidentsView) -> Html<String> {
    page(caller, Section::Incidents, "Incidents", || {
        let may_edit = caller.role() >= Role::Editor;
        let declare = || {
            let href = link::with_query("/incidents/new", &[("service", &filter.service)]);
            view! { <a class="button primary" href=href>{icon("plus")}"Declare an incident"</a> }
        };
        let content = match view.open.is_empty() && view.over.is_empty() {
            true => {
                let begin = may_edit.then(|| declare().into_any());
                empty_list("incident", PATH, filter, ADVICE, begin)
            }
            false => view! { {lines("Open", view, &view.open)}{lines("Over", view, &view.over)} }.into_any(),
        };
        view! {
            <div class="page-head">
                <h1>"Incidents"</h1>
                <div class="actions">{may_edit.then(declare)}</div>
                <p class="sub">{format!("{} open", view.open.len())}<span class="dot">"·"</span>{format!("{} over", view.over.len())}</p>
            </div>
            {filter_form(PATH, filter, &view.services)}
            <div class="stack">{content}</div>
        }
    })
}

fn lines(
    title: &'static str,
    view: &IncidentsView,
    incidents: &[IncidentLine],
) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = incidents.iter().map(|incident| row(incident, view)).collect();
    (!rows.is_empty()).then(|| {
        view! { <section class="card"><header><h2>{title}</h2></header>{table(title, &COLUMNS, rows)}</section> }
    })
}

fn row(incident: &IncidentLine, view: &IncidentsView) -> impl IntoView + use<> {
    let [_, severity, service, began, commander, stands] = COLUMNS;
    let led = incident.commander.clone().map_or_else(|| nothing().into_any(), IntoAny::into_any);
    view! {
        <tr role="row">
            {row_head(view! { <a class="wrap-anywhere" href=format!("{PATH}/{}", incident.id)>{incident.title.clone()}</a> })}
            {severity.cell(words::severity(incident.severity))}
            {service.cell(service_link(incident.service.as_deref()))}
            {began.cell(time::minute(incident.started_at))}
            {commander.cell(led)}
            {stands.cell(view! { {words::state(incident, view.as_of)}<span class="sub">{left(incident)}</span> })}
        </tr>
    }
}

/// What is still to be done about it.
fn left(incident: &IncidentLine) -> String {
    let items = match incident.open_items {
        0 => None,
        count => Some(format!("{} open", format::plural(count, "action item"))),
    };
    let unwritten = incident.resolved_at.is_some() && !incident.has_postmortem;
    let postmortem = unwritten.then(|| "no postmortem".to_owned());
    items.into_iter().chain(postmortem).collect::<Vec<_>>().join(", ")
}
