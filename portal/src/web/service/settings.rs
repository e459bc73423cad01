//! What people say of a service: its kind, where to look whether it answers, and who answers for it.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{CatalogError, Role, ServiceSettings};
use serde::Deserialize;

use super::{profile_schedule, tabs::tabs, uptime};
use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    readiness::assess_now,
    state::App,
    view::readiness::settings::{self, SettingsView},
    web::{
        crumbs::Crumbs,
        field::{Field, form_token, suggestions, whole},
        icon::icon,
        layout::page,
        link,
        nav::Section,
        status::nothing,
        time,
    },
};

const KIND: Field = Field::optional("kind", "Kind")
    .list("kinds")
    .like("worker")
    .hint("templates that name a kind are for services of it alone");
const URL: Field = Field::optional("url", "URL")
    .kind("url")
    .like("https://shop.example/livez")
    .hint("the portal asks it from outside each minute whether the service answers, with 2xx or 3xx");
const OWNER: Field = Field::optional("owner", "Owner")
    .list("people")
    .hint("the name they sign in with; they approve waivers, and see under My work what is open");
const NOT_YOURS: &str = "The owner approves waivers: an admin names them, or the owner before.";

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    kind: String,
    url: String,
    owner: String,
    version: i64,
}

/// What was typed and not taken, and why.
struct Refused {
    typed: Typed,
    /// The field; empty for the form as a whole.
    field: &'static str,
    message: String,
}

impl Typed {
    fn of(view: &SettingsView) -> Self {
        let ServiceSettings { kind, url, owner } = view.settings.clone();
        Self {
            kind: kind.unwrap_or_default(),
            url: url.unwrap_or_default(),
            owner: owner.unwrap_or_default(),
            version: view.version,
        }
    }

    fn settings(&self) -> ServiceSettings {
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        ServiceSettings { kind: filled(&self.kind), url: filled(&self.url), owner: filled(&self.owner) }
    }
}

/// Shows what is said.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    let view = settings::load(&app, &service).await?;
    Ok(render(&caller, &view, None, StatusCode::OK))
}

/// Says something else.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(service): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let view = settings::load(&app, &service).await?;
    let (said, now) = (typed.settings(), app.clock().now());
    let names_owner = typed.version == view.version && !settings::same_owner(&said, &view.settings);
    let (login, owner) = (&caller.person().login, view.settings.owner.as_deref());
    if names_owner && !settings::may_name_owner(login, caller.role(), owner) {
        let refused = Refused { typed, field: "owner", message: NOT_YOURS.to_owned() };
        return Ok(render(&caller, &view, Some(&refused), StatusCode::UNPROCESSABLE_ENTITY));
    }
    let told = app.catalog().set_service_settings(&service, typed.version, &said, &caller.actor(), now).await;
    let (field, status, error) = match told {
        Ok(_) => {
            // The kind decides by which templates it is judged.
            if let Err(error) = assess_now(&app, &service).await {
                tracing::warn!(error = format!("{error:#}"), "readiness was not assessed at once");
            }
            return Ok(Redirect::to(&link::service_settings(&service)).into_response());
        }
        Err(error @ CatalogError::Refused { field, .. }) => (field, StatusCode::UNPROCESSABLE_ENTITY, error),
        Err(error @ CatalogError::Changed { .. }) => ("", StatusCode::CONFLICT, error),
        Err(error) => return Err(error.into()),
    };
    // What others have said meanwhile is shown beside what was typed, and is what the next change is made to.
    let view = settings::load(&app, &service).await?;
    let typed = Typed { version: view.version, ..typed };
    let refused = Refused { typed, field, message: format!("{error}.") };
    Ok(render(&caller, &view, Some(&refused), status))
}

fn render(caller: &Caller, view: &SettingsView, refused: Option<&Refused>, status: StatusCode) -> Response {
    let service = &view.service;
    let may_edit = caller.role() >= Role::Editor;
    let html = page(caller, Section::Fleet, &format!("{service}, settings"), || {
        let conflict = status == StatusCode::CONFLICT;
        let content = match may_edit {
            true => view! { {conflict.then(|| said(view, "What is said now"))}{form(caller, view, refused)} }
                .into_any(),
            false => said(view, "What is said of it").into_any(),
        };
        view! {
            {Crumbs::of_service(service).here("Settings")}
            <div class="page-head">
                <h1><span class="key k1" aria-hidden="true"></span>{service.clone()}<span class="hidden-text">" settings"</span></h1>
                {changed(view)}
            </div>
            {tabs(service, "settings")}
            <div class="stack">{content}{uptime::card(view)}{profile_schedule::card(caller, service, view.schedule.as_ref(), may_edit)}</div>
        }
    });
    (status, html).into_response()
}

fn changed(view: &SettingsView) -> Option<impl IntoView + use<>> {
    let (at, by) = view.changed.clone()?;
    Some(view! { <p class="sub">"changed by "{by}", "{time::minute(at)}</p> })
}

fn said(view: &SettingsView, title: &'static str) -> impl IntoView + use<> {
    let ServiceSettings { kind, url, owner } = view.settings.clone();
    let told = |value: Option<String>| {
        value.map_or_else(
            || nothing().into_any(),
            |value| view! { <span class="wrap-anywhere">{value}</span> }.into_any(),
        )
    };
    view! {
        <section class="card" id="said">
            <header><h2>{title}</h2></header>
            <div class="body"><dl class="facts left">
                <dt>"Kind"</dt><dd>{told(kind)}</dd>
                <dt>"URL"</dt><dd>{told(url)}</dd>
                <dt>"Owner"</dt><dd>{told(owner)}</dd>
            </dl></div>
        </section>
    }
}

fn form(caller: &Caller, view: &SettingsView, refused: Option<&Refused>) -> impl IntoView + use<> {
    let typed = refused.map_or_else(|| Typed::of(view), |refused| refused.typed.clone());
    let wrong =
        |field: &str| refused.filter(|refused| refused.field == field).map(|refused| refused.message.clone());
    view! {
        <section class="card"><div class="body">
            <form class="form" method="post" action=link::service_settings(&view.service)>
                {form_token(caller.form_token())}
                <input type="hidden" name="version" value=typed.version.to_string()/>
                {suggestions("kinds", &view.kinds)}
                {suggestions("people", &view.people)}
                {whole(wrong(""))}
                {KIND.view(&typed.kind, wrong("kind"))}
                {URL.view(&typed.url, wrong("url"))}
                {OWNER.view(&typed.owner, wrong("owner"))}
                <div class="actions"><button class="button primary" type="submit">{icon("check")}"Save"</button></div>
            </form>
        </div></section>
    }
}
