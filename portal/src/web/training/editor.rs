//! The form that says who is on call for a service.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_records::{Mistake, Rota};

use super::{PATH, typed::Typed};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Entry, NotTaken},
    state::App,
    view::{people::logins, training},
    web::{
        crumbs::Crumbs,
        field::{Area, Field, form_token, suggestions},
        layout::page,
        link,
        nav::Section,
        records::{Refusal, delete_card, saved_meanwhile},
    },
};

const SHOWN: [&str; 5] = ["primary", "secondary", "escalation", "commander", "training"];
const PRIMARY: Field = Field::text("primary", "Primary", "off")
    .list("people")
    .hint("who is called first: a login, or the name of a schedule elsewhere");
const SECONDARY: Field = Field::optional("secondary", "Secondary")
    .list("people")
    .hint("who is called when the first does not answer");
const ESCALATION: Area = Area {
    name: "escalation",
    label: "Escalation path",
    hint: "who is called after both, one a line, in order",
};
const COMMANDER: Field = Field::optional("commander", "Incident commander")
    .list("people")
    .hint("who leads incidents, and was trained for it");
const TRAINING: Area = Area {
    name: "training",
    label: "Training",
    hint: "one a line: who; in what; the last day on which it counts. Without a day it counts for good. For example: \
           ines; debugging in production; 2027-06-30",
};

/// The form with what is known.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    let entry = training::entry(&app, &service).await?;
    let typed = entry.as_ref().map(of).unwrap_or_default();
    form_page(&app, &caller, &service, entry.as_ref(), &typed, &Refusal::default()).await
}

/// Keeps it.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(service): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let written = match typed.rota() {
        Ok(rota) => keep(&app, &caller, &service, typed.version, rota).await,
        Err(mistakes) => Err(mistakes.into()),
    };
    match written {
        Ok(_) => Ok(Redirect::to(&link::training(&service)).into_response()),
        Err(error) => {
            let refusal = Refusal::of(error)?;
            let now = training::entry(&app, &service).await?;
            form_page(&app, &caller, &service, now.as_ref(), &typed, &refusal).await
        }
    }
}

/// Forgets who is on call and who was trained.
pub(crate) async fn delete(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(service): Path<String>,
) -> Result<Redirect, Problem> {
    if let Some(entry) = training::entry(&app, &service).await? {
        records::delete::<Rota>(&app, &caller.actor(), entry.id).await?;
    }
    Ok(Redirect::to(PATH))
}

/// A service has one rota. Where two people make the first in the same moment, the second is told of the other.
async fn keep(
    app: &App,
    caller: &Caller,
    service: &str,
    seen: i64,
    rota: Rota,
) -> Result<Entry<Rota>, NotTaken> {
    let actor = caller.actor();
    if let Some(now) = training::entry(app, service).await? {
        return records::save(app, &actor, &Entry { version: seen, body: rota, ..now }).await;
    }
    if service.trim().is_empty() {
        let message = "a rota is of one service; open the form from its page".to_owned();
        return Err(vec![Mistake { field: String::new(), message }].into());
    }
    let made =
        records::create(app, &actor, service, &format!("On-call of {}", shortened(service)), &rota).await?;
    match training::entry(app, service).await? {
        Some(first) if first.id != made.id => {
            records::delete::<Rota>(app, &actor, made.id).await?;
            Err(NotTaken::Changed(format!("{} said who is on call at the same time", first.updated_by)))
        }
        _ => Ok(made),
    }
}

/// A service may have as long a name as a record has a title.
fn shortened(service: &str) -> &str {
    &service[..service.floor_char_boundary(200)]
}

fn of(entry: &Entry<Rota>) -> Typed {
    Typed::of(&entry.body, entry.version)
}

async fn form_page(
    app: &App,
    caller: &Caller,
    service: &str,
    now: Option<&Entry<Rota>>,
    typed: &Typed,
    refusal: &Refusal,
) -> Result<Response, Problem> {
    let people = logins(app).await?;
    let title = format!("Who is on call for {service}");
    let own = link::training(service);
    let html = page(caller, Section::Training, &title, || {
        let theirs = now.filter(|_| refusal.is_conflict());
        let theirs =
            theirs.map(|entry| saved_meanwhile(&entry.updated_by, &of(entry).whole(), &typed.whole()));
        let warning = "Who is on call, and who was trained for what, are forgotten.".to_owned();
        view! {
            {Crumbs::of(PATH, "On-call and training").then(&own, service).here("Edit")}
            <div class="page-head"><h1 class="wrap-anywhere">{title.clone()}</h1></div>
            {suggestions("people", &people)}
            <div class="stack">
                {theirs}
                <section class="card"><div class="body">{fields(caller, &own, now, typed, refusal)}</div></section>
                {now.map(|_| delete_card(caller, format!("{own}/delete"), "rota", warning))}
            </div>
        }
    });
    Ok((refusal.status(), html).into_response())
}

fn fields(
    caller: &Caller,
    own: &str,
    now: Option<&Entry<Rota>>,
    typed: &Typed,
    refusal: &Refusal,
) -> impl IntoView + use<> {
    // Who has been shown what others saved, and saves again, has seen their version.
    let seen = now.filter(|_| refusal.is_conflict()).map_or(typed.version, |entry| entry.version);
    view! {
        <form class="form" action=own.to_owned() method="post">
            {form_token(caller.form_token())}
            <input type="hidden" name="version" value=seen.to_string()/>
            {refusal.elsewhere(&SHOWN)}
            {PRIMARY.view(&typed.primary, refusal.at("primary"))}
            {SECONDARY.view(&typed.secondary, refusal.at("secondary"))}
            {ESCALATION.view(&typed.escalation, refusal.at("escalation"))}
            {COMMANDER.view(&typed.commander, refusal.at("commander"))}
            {TRAINING.view(&typed.training, refusal.at("training"))}
            <button class="button primary" type="submit">"Save"</button>
        </form>
    }
}
