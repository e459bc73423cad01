//! Who is on call for each service, and who has been trained for what.

pub(crate) mod editor;
mod typed;

use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::Rota;

use super::{
    crumbs::Crumbs,
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    records::{empty_list, filter_form},
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
        training::{self, RotaView, TrainingLine, TrainingView},
    },
};

const PATH: &str = Rota::PATH;
const ADVICE: &str =
    "As soon as a service checks in or sends telemetry, you can say here who is called when it fails.";
const COLUMNS: [Column; 5] = [
    column("Service", "name-cell"),
    column("Primary", "two"),
    column("Secondary", "two"),
    column("Commander", "two"),
    column("Training", "two full"),
];
const TRAINING: [Column; 3] = [column("Who", "name-cell"), column("In what", "two"), column("Until", "two")];

/// Lists services.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Response, Problem> {
    let view = training::load(&app, &filter).await?;
    Ok(list(&caller, &filter, &view).into_response())
}

/// Shows a service.
pub(crate) async fn one(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    let view = training::one(&app, &service).await?;
    Ok(service_page(&caller, &view).into_response())
}

fn list(caller: &Caller, filter: &ListFilter, view: &TrainingView) -> Html<String> {
    page(caller, Section::Training, "On-call and training", || {
        let rows: Vec<_> = view.rotas.iter().map(row).collect();
        let content = match rows.is_empty() {
            true => empty_list("service", PATH, filter, ADVICE, None),
            false => view! { <section class="card">{table("Services", &COLUMNS, rows)}</section> }.into_any(),
        };
        let without = view.rotas.iter().filter(|rota| rota.primary.is_none()).count();
        view! {
            <div class="page-head">
                <h1>"On-call and training"</h1>
                <p class="sub">
                    {format::plural(view.rotas.len(), "service")}<span class="dot">"·"</span>{format!("{without} without anybody on call")}
                </p>
            </div>
            {filter_form(PATH, filter, &view.services)}
            {content}
        }
    })
}

fn row(rota: &RotaView) -> impl IntoView + use<> {
    let [_, primary, secondary, commander, trained] = COLUMNS;
    let who = |who: &Option<String>| who.clone().map_or_else(|| nothing().into_any(), IntoAny::into_any);
    let first = match &rota.primary {
        Some(login) => login.clone().into_any(),
        None => view! { <span class="status is-warn">{icon("warn")}"nobody"</span> }.into_any(),
    };
    view! {
        <tr role="row">
            {row_head(view! { <a class="wrap-anywhere" href=link::training(&rota.service)>{rota.service.clone()}</a> })}
            {primary.cell(first)}
            {secondary.cell(who(&rota.secondary))}
            {commander.cell(who(&rota.commander))}
            {trained.cell(standing(rota))}
        </tr>
    }
}

/// Whether all who are called have been trained.
fn standing(rota: &RotaView) -> AnyView {
    match (&rota.primary, rota.untrained.is_empty()) {
        (None, _) => nothing().into_any(),
        (Some(_), true) => {
            view! { <span class="status is-pass">{icon("pass")}"all who are on call"</span> }.into_any()
        }
        (Some(_), false) => {
            let told = format!("not trained: {}", rota.untrained.join(", "));
            view! { <span class="status is-warn wrap-anywhere">{icon("warn")}{told}</span> }.into_any()
        }
    }
}

fn service_page(caller: &Caller, rota: &RotaView) -> Html<String> {
    page(caller, Section::Training, &format!("On-call and training of {}", rota.service), || {
        let may_edit = caller.role() >= Role::Editor;
        let label = if rota.version == 0 { "Say who is on call" } else { "Edit" };
        let class = if rota.version == 0 { "button primary" } else { "button" };
        let edit = may_edit.then(
            || view! { <a class=class href=format!("{}/edit", link::training(&rota.service))>{label}</a> },
        );
        let written = rota.updated_at.zip(rota.updated_by.clone()).map(|(at, by)| {
            view! { <span class="dot">"·"</span>{format!("version {}, by {by}, ", rota.version)}{time::minute(at)} }
        });
        view! {
            {Crumbs::of(PATH, "On-call and training").here(&rota.service)}
            <div class="page-head">
                <h1 class="wrap-anywhere">{rota.service.clone()}</h1>
                <div class="actions">{edit}</div>
                <p class="sub"><a href=link::service(&rota.service)>"the service"</a>{written}</p>
            </div>
            <div class="with-side"><div class="stack">{trainings(rota)}</div><div class="stack">{on_call(rota)}</div></div>
        }
    })
}

fn trainings(rota: &RotaView) -> impl IntoView + use<> {
    let rows: Vec<_> = rota.training.iter().map(trained).collect();
    let content = if rows.is_empty() {
        view! { <div class="body"><p class="muted">"Nobody has been trained yet, as far as is written here. A gameday trains those who take part."</p></div> }
            .into_any()
    } else {
        table("Training", &TRAINING, rows).into_any()
    };
    view! {
        <section class="card" id="training">
            <header><h2>"Training"</h2><div class="end">{standing(rota)}</div></header>
            {content}
        </section>
    }
}

fn trained(line: &TrainingLine) -> impl IntoView + use<> {
    let [_, what, until] = TRAINING;
    let over = (!line.counts).then(|| view! { <span class="status is-warn">{icon("stale")}"over"</span> });
    let day = line.until.map_or_else(|| "for good".to_owned(), |day| day.to_string());
    view! {
        <tr role="row">
            {row_head(line.who.clone())}
            {what.cell(line.what.clone())}
            {until.cell(view! { {day}" "{over} })}
        </tr>
    }
}

fn on_call(rota: &RotaView) -> impl IntoView + use<> {
    let person = |what: String, who: Option<&String>| {
        let who = who.cloned().unwrap_or_else(|| "nobody".to_owned());
        view! { <li>{icon("user")}<div class="grow wrap-anywhere">{who}<span class="sub">{what}</span></div></li> }
    };
    let after: Vec<_> = (1..)
        .zip(&rota.escalation)
        .map(|(number, who): (usize, _)| person(format!("escalation, step {number}"), Some(who)))
        .collect();
    let untold = (rota.version == 0).then(|| view! {
        <div class="body"><p class="muted">"Nobody has said who is called when this service fails."</p></div>
    });
    let told = (rota.version > 0).then(|| {
        view! {
            <ul class="list">
                {person("primary".to_owned(), rota.primary.as_ref())}
                {person("secondary".to_owned(), rota.secondary.as_ref())}
                {after}
                {person("leads incidents".to_owned(), rota.commander.as_ref())}
            </ul>
        }
    });
    view! { <section class="card" id="on-call"><header><h2>"Who is called"</h2></header>{untold}{told}</section> }
}
