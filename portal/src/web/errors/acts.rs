//! What people do with a group of errors.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Redirect,
};
use jiff::SignedDuration;
use leptos::prelude::*;
use seaworthy_catalog::{CatalogError, ResolvedIn, Role};
use serde::Deserialize;

use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    state::App,
    view::errors::{Standing, one::ErrorView},
    web::{field::form_token, format, icon::icon, link},
};

/// For so many hours a group can be muted.
const LENGTHS: [u32; 5] = [1, 8, 24, 7 * 24, 30 * 24];

/// The form that resolves: from which build on; empty for the next.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Resolved {
    build: String,
}

/// The form that mutes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Muted {
    hours: String,
}

/// Says that a group is mended.
pub(crate) async fn resolve(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(Resolved { build }): Form<Resolved>,
) -> Result<Redirect, Problem> {
    let in_build = match build.trim() {
        "" => ResolvedIn::Next,
        build => ResolvedIn::Build(build.to_owned()),
    };
    let done = app.catalog().resolve_error(&id, &in_build, &caller.actor(), app.clock().now()).await;
    told(&id, done)
}

/// Says that nobody wants to hear of a group for a time.
pub(crate) async fn mute(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(Muted { hours }): Form<Muted>,
) -> Result<Redirect, Problem> {
    let now = app.clock().now();
    // What is no length is none, which the catalog refuses.
    let hours = hours.parse::<u32>().ok().filter(|hours| LENGTHS.contains(hours)).unwrap_or_default();
    let until = now + SignedDuration::from_hours(hours.into());
    told(&id, app.catalog().mute_error(&id, until, &caller.actor(), now).await)
}

/// Says that somebody has to see to a group after all.
pub(crate) async fn reopen(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    told(&id, app.catalog().reopen_error(&id, &caller.actor(), app.clock().now()).await)
}

fn told(id: &str, done: Result<(), CatalogError>) -> Result<Redirect, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to(&link::error(id))),
        Err(CatalogError::Refused { field, rule }) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This was not understood",
            format!("The field {field} {rule}. Go back and choose one of what the form offers."),
        )),
        Err(error) => Err(error.into()),
    }
}

/// The forms, for those who may.
pub(super) fn card(caller: &Caller, error: &ErrorView) -> Option<impl IntoView + use<>> {
    if caller.role() < Role::Editor {
        return None;
    }
    let path = link::error(&error.group.id);
    let token = caller.form_token();
    let to_see_to = error.group.standing <= Standing::Open;
    let resolve = to_see_to.then(|| resolve_form(&path, token, error));
    let mute = to_see_to.then(|| mute_form(&path, token));
    let reopen = (!to_see_to).then(|| {
        view! {
            <form action=format!("{path}/reopen") method="post">
                {form_token(token)}
                <button class="button" type="submit">{icon("rollback")}"Reopen"</button>
            </form>
        }
    });
    Some(view! {
        <section class="card"><header><h2>"What to do with it"</h2></header>
            <div class="body stack">{resolve}{mute}{reopen}</div>
        </section>
    })
}

fn resolve_form(path: &str, token: &str, error: &ErrorView) -> impl IntoView + use<> {
    let builds: Vec<_> = error
        .service_builds
        .iter()
        .map(|build| view! { <option value=build.clone()>{format!("build {build}")}</option> })
        .collect();
    view! {
        <form class="form" action=format!("{path}/resolve") method="post">
            {form_token(token)}
            <div class="field">
                <label for="build">"Mended in"</label>
                <select class="select" id="build" name="build">
                    <option value="">"the next build"</option>
                    {builds}
                </select>
                <p class="hint">"Builds that had it before may go on having it. In any other, it is a regression."</p>
            </div>
            <button class="button primary" type="submit">{icon("check")}"Resolve"</button>
        </form>
    }
}

fn mute_form(path: &str, token: &str) -> impl IntoView + use<> {
    let lengths = LENGTHS.map(|hours| {
        let words = format::span(u64::from(hours) * 3_600);
        view! { <option value=hours.to_string() selected=hours == 24>{words}</option> }
    });
    view! {
        <form class="form" action=format!("{path}/mute") method="post">
            {form_token(token)}
            <div class="field">
                <label for="hours">"Not to hear of it for"</label>
                <select class="select" id="hours" name="hours">{lengths.into_iter().collect_view()}</select>
            </div>
            <button class="button" type="submit">{icon("clock")}"Mute"</button>
        </form>
    }
}
