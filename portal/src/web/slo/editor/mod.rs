//! The form that makes and changes an SLO.

mod fields;
mod preview;
mod typed;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{CatalogError, Minutes, SloDefinition};
use seaworthy_slo::Mistake;
use serde::Deserialize;

use self::{
    fields::{delete_card, fields},
    preview::card,
    typed::Typed,
};
use super::usual;
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    state::App,
    view::{
        fleet,
        rehearsal::{self, RehearsalView},
        runbooks, slo,
    },
    web::{crumbs::Crumbs, layout::page, link, nav::Section},
};

/// What the form may be opened with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    service: String,
}

/// An empty form.
pub(crate) async fn new(
    Editor(caller): Editor,
    State(app): State<App>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let definition = SloDefinition { service: wish.service, ..SloDefinition::default() };
    let typed = Typed::of("", &definition, &usual(), 0);
    form_page(&app, &caller, None, &typed, Vec::new(), StatusCode::OK).await
}

/// Makes an SLO.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let definition = match typed.definition(&usual()) {
        Ok(definition) => definition,
        Err(mistakes) => {
            return form_page(&app, &caller, None, &typed, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let made = app.catalog().create_slo(&typed.name, &definition, &caller.actor(), app.clock().now()).await;
    match made {
        Ok(slo) => Ok(Redirect::to(&link::slo(&slo.name)).into_response()),
        Err(error) => refused(&app, &caller, None, &typed, error).await,
    }
}

/// The form with an SLO as it is.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let (stored, spec) = slo::definition(&app, &name).await?;
    let typed = Typed::of(&stored.name, &stored.definition, &spec, stored.version);
    form_page(&app, &caller, Some(&name), &typed, Vec::new(), StatusCode::OK).await
}

/// Changes an SLO.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(name): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let typed = Typed { name: name.clone(), ..typed };
    let (stored, before) = slo::definition(&app, &name).await?;
    let definition = match typed.definition(&before) {
        Ok(definition) => definition,
        Err(mistakes) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return form_page(&app, &caller, Some(&name), &typed, mistakes, status).await;
        }
    };
    let same_events = typed.spec(&before).is_ok_and(|spec| spec.sli == before.sli)
        && stored.definition.service == definition.service;
    let definition = SloDefinition { openslo: stored.definition.openslo, ..definition };
    let minutes = if same_events { Minutes::Keep } else { Minutes::Forget };
    let seen = typed.version.parse().unwrap_or_default();
    let now = app.clock().now();
    match app.catalog().update_slo(&name, seen, &definition, minutes, &caller.actor(), now).await {
        Ok(slo) => Ok(Redirect::to(&link::slo(&slo.name)).into_response()),
        Err(error) => refused(&app, &caller, Some(&name), &typed, error).await,
    }
}

/// Shows what an SLO like this would have told of the past. Makes and changes nothing.
pub(crate) async fn preview(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let edits = Some(typed.edits.as_str()).filter(|edits| !edits.is_empty());
    let before = match edits {
        Some(name) => slo::definition(&app, name).await?.1,
        None => usual(),
    };
    let spec = typed.spec(&before).and_then(|spec| spec.check().map(|slo| (spec, slo)));
    let (spec, slo) = match spec {
        Ok(found) => found,
        Err(mistakes) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return form_page(&app, &caller, edits, &typed, mistakes, status).await;
        }
    };
    let found = rehearsal::load(&app, typed.service.trim(), spec, slo).await?;
    whole_page(&app, &caller, edits, &typed, Vec::new(), Some(&found), StatusCode::OK).await
}

/// Deletes an SLO and all its minutes.
pub(crate) async fn delete(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Redirect, Problem> {
    app.catalog().delete_slo(&name, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to("/slos"))
}

/// What the catalog refused, with what was typed: nobody's text is lost.
async fn refused(
    app: &App,
    caller: &Caller,
    name: Option<&str>,
    typed: &Typed,
    error: CatalogError,
) -> Result<Response, Problem> {
    let field = match &error {
        CatalogError::Refused { field, .. } => (*field).to_owned(),
        CatalogError::Changed { .. } => String::new(),
        CatalogError::Taken { .. } => "name".to_owned(),
        _ => return Err(error.into()),
    };
    let status = match &error {
        CatalogError::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    };
    let mistake = Mistake { field, message: format!("{error}.") };
    form_page(app, caller, name, typed, vec![mistake], status).await
}

async fn form_page(
    app: &App,
    caller: &Caller,
    name: Option<&str>,
    typed: &Typed,
    mistakes: Vec<Mistake>,
    status: StatusCode,
) -> Result<Response, Problem> {
    whole_page(app, caller, name, typed, mistakes, None, status).await
}

async fn whole_page(
    app: &App,
    caller: &Caller,
    name: Option<&str>,
    typed: &Typed,
    mistakes: Vec<Mistake>,
    past: Option<&RehearsalView>,
    status: StatusCode,
) -> Result<Response, Problem> {
    let services = fleet::named(app, "").await?;
    let runbooks = runbooks::paths(app, &typed.service).await?;
    let title = name.map_or("New SLO".to_owned(), |name| format!("Edit {name}"));
    let html = page(caller, Section::Slos, &title, || {
        view! {
            {Crumbs::of("/slos", "SLOs")
                .then_if(name.map(|name| (link::slo(name), name)))
                .here(if name.is_some() { "Edit" } else { "New" })}
            <div class="page-head"><h1>{title.clone()}</h1></div>
            <div class="stack">
                {past.map(card)}
                <section class="card"><div class="body">{fields(caller, name, typed, &services, &runbooks, &mistakes)}</div></section>
                {name.map(|name| delete_card(caller, name))}
            </div>
        }
    });
    Ok((status, html).into_response())
}
