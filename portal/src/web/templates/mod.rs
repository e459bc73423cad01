//! The checklists by which services are judged.

pub(crate) mod editor;
pub(crate) mod one;
mod preview;

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;

use super::{
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::templates::{self, TemplateLine},
};

const COLUMNS: [Column; 6] = [
    column("Template", "name-cell"),
    column("State", "two"),
    column("Items", "num"),
    column("For", "two"),
    column("Services judged", "num"),
    column("Changed", "two"),
];

/// Shows all templates.
pub(crate) async fn show(Viewer(caller): Viewer, State(app): State<App>) -> Result<Response, Problem> {
    let templates = templates::load(&app).await?;
    Ok(render(&caller, &templates).into_response())
}

fn render(caller: &Caller, templates: &[TemplateLine]) -> Html<String> {
    page(caller, Section::Templates, "Templates", || {
        let rows: Vec<_> = templates.iter().map(row).collect();
        let new = (caller.role() >= Role::Admin).then(|| {
            view! { <a class="button primary" href="/settings/templates/new">{icon("plus")}"New template"</a> }
        });
        view! {
            <div class="page-head">
                <h1>"Templates"</h1>
                <div class="actions">{new}</div>
                <p class="sub">"The checklists by which services are judged, each with its questions, rules and levels."</p>
            </div>
            <section class="card">{table("Templates", &COLUMNS, rows)}</section>
        }
    })
}

fn row(template: &TemplateLine) -> impl IntoView + use<> {
    let [_, state, items, kinds, services, changed] = COLUMNS;
    let told = match (&template.items, template.in_use) {
        (None, _) => view! { <span class="status is-fail">{icon("fail")}"Cannot be read"</span> }.into_any(),
        (_, true) => in_use(&template.version).into_any(),
        (_, false) => view! { <span class="status muted">{icon("na")}"Out of use"</span> }.into_any(),
    };
    let built_in = template.built_in.then(|| view! { <span class="badge">"built in"</span> });
    let of = match template.kinds.as_slice() {
        [] => "every service".to_owned(),
        kinds => format!("services of kind {}", kinds.join(", ")),
    };
    let by = template.changed.clone().map_or_else(
        || nothing().into_any(),
        |(at, by)| view! { {time::minute(at)}<span class="sub">"by "{by}</span> }.into_any(),
    );
    view! {
        <tr role="row">
            {row_head(view! {
                <a href=link::template(&template.id)>{template.title.clone()}</a>" "{built_in}
                <span class="sub mono">{template.id.clone()}</span>
            })}
            {state.cell(told)}
            {items.cell(template.items.map_or_else(|| nothing().into_any(), |items| format::count(items as u64).into_any()))}
            {kinds.cell(of)}
            {services.cell(format::count(template.services as u64))}
            {changed.cell(by)}
        </tr>
    }
}

fn in_use(version: &str) -> impl IntoView + use<> {
    view! { <span class="status is-pass">{icon("pass")}{format!("In use, version {version}")}</span> }
}
