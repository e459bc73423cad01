//! The form that writes a runbook.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_records::Runbook;
use serde::Deserialize;

use super::PATH;
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Entry, NotTaken},
    state::App,
    view::{fleet, runbooks::one},
    web::{
        crumbs::Crumbs,
        field::{Area, Field, form_token},
        layout::page,
        nav::Section,
        records::{Refusal, saved_meanwhile, service_field},
    },
};

const SHOWN: [&str; 3] = ["title", "service", "markdown"];
const TITLE: Field =
    Field::text("title", "Title", "off").like("Orders fail").hint("what is wrong, as an alert says it");
const MARKDOWN: Area = Area {
    name: "markdown",
    label: "What to do",
    hint: "in Markdown. Items such as \"- [ ] Acknowledge the alert\" become steps that are ticked in a run; where there are \
           none, numbered items or headings do.",
};
const BEGINNING: &str = "## When this happens

Say what one sees: which alert, which page, what customers tell.

## What to do

- [ ] Acknowledge the alert, so that others know that somebody sees to it.
- [ ] Look at which route and which build fail.
- [ ] Roll back if it began with a deploy.
- [ ] Watch the error rate fall.
- [ ] Write down what happened.

## Who can help
";

/// What the form holds, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    title: String,
    service: String,
    markdown: String,
    version: i64,
}

/// What the form may be opened with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    service: String,
}

impl Typed {
    fn of(entry: &Entry<Runbook>) -> Self {
        Self {
            title: entry.title.clone(),
            service: entry.service.clone(),
            markdown: entry.body.markdown.clone(),
            version: entry.version,
        }
    }

    /// All of it as one text, to be compared.
    fn whole(&self) -> String {
        format!("{}\nService: {}\n\n{}", self.title, self.service, self.markdown())
    }

    /// Browsers send lines with a carriage return, which no diff should show.
    fn markdown(&self) -> String {
        self.markdown.replace("\r\n", "\n")
    }
}

/// An empty form.
pub(crate) async fn new(
    Editor(caller): Editor,
    State(app): State<App>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let typed = Typed { service: wish.service, markdown: BEGINNING.to_owned(), ..Typed::default() };
    form_page(&app, &caller, None, &typed, &Refusal::default()).await
}

/// Makes a runbook.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let body = Runbook { markdown: typed.markdown(), reviewed_at: None, reviewed_by: None };
    let made = records::create(&app, &caller.actor(), &typed.service, &typed.title, &body).await;
    done(&app, &caller, None, &typed, made).await
}

/// The form with a runbook as it is.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let entry = one::entry(&app, id).await?;
    form_page(&app, &caller, Some(&entry), &Typed::of(&entry), &Refusal::default()).await
}

/// Changes a runbook. What was reviewed was the text before.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let now = one::entry(&app, id).await?;
    let changed = Entry {
        version: typed.version,
        title: typed.title.clone(),
        service: typed.service.clone(),
        body: Runbook { markdown: typed.markdown(), reviewed_at: None, reviewed_by: None },
        ..now
    };
    let saved = records::save(&app, &caller.actor(), &changed).await;
    done(&app, &caller, Some(id), &typed, saved).await
}

/// Goes to the runbook; or shows the form again with what was typed, and beside it what others saved meanwhile.
async fn done(
    app: &App,
    caller: &Caller,
    id: Option<i64>,
    typed: &Typed,
    written: Result<Entry<Runbook>, NotTaken>,
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
    now: Option<&Entry<Runbook>>,
    typed: &Typed,
    refusal: &Refusal,
) -> Result<Response, Problem> {
    let services = fleet::named(app, "").await?;
    let title = now.map_or("Write a runbook".to_owned(), |entry| format!("Edit {}", entry.title));
    let html = page(caller, Section::Runbooks, &title, || {
        let theirs = now.filter(|_| refusal.is_conflict());
        let theirs =
            theirs.map(|entry| saved_meanwhile(&entry.updated_by, &Typed::of(entry).whole(), &typed.whole()));
        view! {
            {Crumbs::of(PATH, "Runbooks")
                .then_if(now.map(|entry| (entry.page(), entry.title.as_str())))
                .here(if now.is_some() { "Edit" } else { "New" })}
            <div class="page-head"><h1 class="wrap-anywhere">{title.clone()}</h1></div>
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
    now: Option<&Entry<Runbook>>,
    typed: &Typed,
    services: &[String],
    refusal: &Refusal,
) -> impl IntoView + use<> {
    let action = now.map_or(PATH.to_owned(), Entry::page);
    // Who has been shown what others saved, and saves again, has seen their version.
    let seen = now.filter(|_| refusal.is_conflict()).map_or(typed.version, |entry| entry.version);
    view! {
        <form class="form wide" action=action method="post">
            {form_token(caller.form_token())}
            <input type="hidden" name="version" value=seen.to_string()/>
            {refusal.elsewhere(&SHOWN)}
            {TITLE.view(&typed.title, refusal.at("title"))}
            {service_field(&typed.service, services, "none means all services", refusal.at("service"))}
            {MARKDOWN.view(&typed.markdown, refusal.at("markdown"))}
            <button class="button primary" type="submit">{if now.is_some() { "Save" } else { "Keep the runbook" }}</button>
        </form>
    }
}
