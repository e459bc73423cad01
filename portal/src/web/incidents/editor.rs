//! The form that declares and changes an incident.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_records::{DetectedBy, Incident, Severity};
use serde::Deserialize;

use super::{PATH, typed::Typed, words};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Entry, NotTaken},
    state::App,
    view::{fleet, incidents::one, people::logins},
    web::{
        crumbs::Crumbs,
        field::{Field, form_token, select, suggestions},
        layout::page,
        nav::Section,
        records::{Refusal, saved_meanwhile, service_field},
        time,
    },
};

const SHOWN: [&str; 7] = ["title", "service", "severity", "commander", "detected_by", "started_at", "alert"];
const TITLE: Field = Field::text("title", "What is wrong", "off").like("Orders fail");
const COMMANDER: Field = Field::optional("commander", "Commander")
    .list("people")
    .hint("who leads until it is over; others do what they ask");
const STARTED: Field = Field::text("started_at", "Began", "off")
    .kind("datetime-local")
    .hint("when it began to hurt, as far as is known");
const ALERT: Field =
    Field::optional("alert", "Alert").like("17").hint("the number of the alert that it was opened from");

/// What the form may be opened with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    service: String,
    alert: Option<i64>,
}

/// The form, filled in from an alert where there is one.
pub(crate) async fn new(
    Editor(caller): Editor,
    State(app): State<App>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let (login, zone) = (&caller.person().login, &caller.preferences().zone);
    let mut typed = Typed::new(&wish.service, login, app.clock().now(), zone);
    if let Some(id) = wish.alert {
        let (title, service, started_at) = one::alert(&app, id).await?;
        typed = Typed {
            title,
            service,
            detected_by: words::detection(DetectedBy::Alert).0.to_owned(),
            started_at: time::typed(started_at, zone),
            alert: id.to_string(),
            ..typed
        };
    }
    form_page(&app, &caller, None, &typed, &Refusal::default()).await
}

/// Declares an incident.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let mut body = Incident {
        started_at: app.clock().now(),
        detected_by: DetectedBy::Other,
        alert: None,
        commander: None,
        severity: Severity::Sev3,
        timeline: Vec::new(),
        resolved_at: None,
        action_items: Vec::new(),
        postmortem: String::new(),
    };
    let made = match typed.put_into(&mut body, &caller.preferences().zone) {
        Ok(()) => records::create(&app, &caller.actor(), &typed.service, &typed.title, &body).await,
        Err(mistakes) => Err(mistakes.into()),
    };
    done(&app, &caller, None, &typed, made).await
}

/// The form with an incident as it is.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let entry = one::entry(&app, id).await?;
    let typed = Typed::of(&entry, &caller.preferences().zone);
    form_page(&app, &caller, Some(&entry), &typed, &Refusal::default()).await
}

/// Changes an incident. What others wrote into its timeline meanwhile is no conflict.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let zone = &caller.preferences().zone;
    let seen = typed.version.parse().unwrap_or_default();
    let seen = records::in_version::<Incident>(&app, id, seen).await?.map(|entry| Typed::of(&entry, zone));
    let saved = records::amend::<Incident>(&app, &caller.actor(), id, |entry| {
        let now = Typed::of(entry, zone);
        if !seen.as_ref().is_some_and(|seen| seen.says_as(&now)) {
            return Err(NotTaken::Changed("somebody else changed it after you had opened it".to_owned()));
        }
        (entry.title, entry.service) = (typed.title.clone(), typed.service.clone());
        Ok(typed.put_into(&mut entry.body, zone)?)
    })
    .await;
    done(&app, &caller, Some(id), &typed, saved).await
}

/// Deletes an incident with all that was written.
pub(crate) async fn delete(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    records::delete::<Incident>(&app, &caller.actor(), id).await?;
    Ok(Redirect::to(PATH))
}

async fn done(
    app: &App,
    caller: &Caller,
    id: Option<i64>,
    typed: &Typed,
    written: Result<Entry<Incident>, NotTaken>,
) -> Result<Response, Problem> {
    let refusal = match written {
        Ok(entry) => return Ok(Redirect::to(&entry.page()).into_response()),
        Err(error) => Refusal::of(error)?,
    };
    let now = match id {
        Some(id) => Some(one::entry(app, id).await?),
        None => None,
    };
    form_page(app, caller, now.as_ref(), typed, &refusal).await
}

async fn form_page(
    app: &App,
    caller: &Caller,
    now: Option<&Entry<Incident>>,
    typed: &Typed,
    refusal: &Refusal,
) -> Result<Response, Problem> {
    let services = fleet::named(app, "").await?;
    let people = logins(app).await?;
    let title = now.map_or("Declare an incident".to_owned(), |entry| format!("Edit {}", entry.title));
    let html = page(caller, Section::Incidents, &title, || {
        let theirs = now.filter(|_| refusal.is_conflict());
        let theirs = theirs.map(|entry| {
            let told = Typed::of(entry, &caller.preferences().zone).whole();
            saved_meanwhile("others", &told, &typed.whole())
        });
        view! {
            {Crumbs::of(PATH, "Incidents")
                .then_if(now.map(|entry| (entry.page(), entry.title.as_str())))
                .here(if now.is_some() { "Edit" } else { "Declare" })}
            <div class="page-head"><h1 class="wrap-anywhere">{title.clone()}</h1></div>
            {suggestions("people", &people)}
            <div class="stack">
                {theirs}
                <section class="card"><div class="body">{fields(caller, now, typed, &services, refusal)}</div></section>
            </div>
        }
    });
    Ok((refusal.status(), html).into_response())
}

fn fields(
    caller: &Caller,
    now: Option<&Entry<Incident>>,
    typed: &Typed,
    services: &[String],
    refusal: &Refusal,
) -> impl IntoView + use<> {
    let action = now.map_or(PATH.to_owned(), Entry::page);
    let theirs = now.filter(|_| refusal.is_conflict()).map(|entry| entry.version.to_string());
    let severity = refusal.at("severity");
    view! {
        <form class="form" action=action method="post">
            {form_token(caller.form_token())}
            <input type="hidden" name="version" value=theirs.unwrap_or_else(|| typed.version.clone())/>
            {refusal.elsewhere(&SHOWN)}
            {TITLE.view(&typed.title, refusal.at("title"))}
            {service_field(&typed.service, services, "none means several, or all", refusal.at("service"))}
            {select("severity", "How bad it is", &typed.severity, words::severities(), severity)}
            {COMMANDER.view(&typed.commander, refusal.at("commander"))}
            {select("detected_by", "Who noticed first", &typed.detected_by, words::detections(), refusal.at("detected_by"))}
            {STARTED.view(&typed.started_at, refusal.at("started_at"))}
            {ALERT.view(&typed.alert, refusal.at("alert"))}
            <button class="button primary" type="submit">{if now.is_some() { "Save" } else { "Declare it" }}</button>
        </form>
    }
}
