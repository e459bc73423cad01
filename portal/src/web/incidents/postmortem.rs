//! What was learnt from an incident.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_records::{Incident, markdown};
use serde::Deserialize;

use super::PATH;
use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    records::{self, Entry, NotTaken},
    state::App,
    view::incidents::one,
    web::{
        crumbs::Crumbs,
        field::{Area, form_token},
        layout::page,
        nav::Section,
        records::{Refusal, saved_meanwhile},
    },
};

const MARKDOWN: Area = Area {
    name: "markdown",
    label: "Postmortem",
    hint: "in Markdown. It asks what let it happen, and never who is to blame.",
};
const BEGINNING: &str = "## What happened

## Whom it hurt, and how much

## Why it happened

## What went well, and what did not

## What is done so that it does not come again
";

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    markdown: String,
    version: i64,
}

/// Shows it.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let entry = one::entry(&app, id).await?;
    let html = page(&caller, Section::Incidents, &format!("Postmortem of {}", entry.title), || {
        let text = match entry.body.postmortem.trim() {
            "" => view! { <p class="muted">"Nobody has written it yet."</p> }.into_any(),
            text => {
                view! { <div class="prose wrap-anywhere" inner_html=markdown::to_html(text, "text-")></div> }
                    .into_any()
            }
        };
        let may_edit = caller.role() >= seaworthy_catalog::Role::Editor;
        let edit = may_edit
            .then(|| view! { <a class="button" href=format!("{}/postmortem/edit", entry.page())>"Edit"</a> });
        view! {
            {head(&entry, edit)}
            <section class="card"><div class="body">{text}</div></section>
        }
    });
    Ok(html.into_response())
}

/// The form with what it says.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let entry = one::entry(&app, id).await?;
    let said = entry.body.postmortem.as_str();
    let markdown = if said.trim().is_empty() { BEGINNING.to_owned() } else { said.to_owned() };
    let typed = Typed { markdown, version: entry.version };
    Ok(form_page(&caller, &entry, &typed, &Refusal::default()))
}

/// Keeps it. That others wrote into the timeline meanwhile is no conflict; that they wrote here is.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let seen = records::in_version::<Incident>(&app, id, typed.version).await?;
    let written = typed.markdown.replace("\r\n", "\n");
    let saved = records::amend::<Incident>(&app, &caller.actor(), id, |entry| {
        if seen.as_ref().is_none_or(|seen| seen.body.postmortem != entry.body.postmortem) {
            return Err(NotTaken::Changed("somebody else wrote it after you had opened it".to_owned()));
        }
        entry.body.postmortem.clone_from(&written);
        Ok(())
    })
    .await;
    match saved {
        Ok(entry) => Ok(Redirect::to(&format!("{}/postmortem", entry.page())).into_response()),
        Err(error) => {
            let refusal = Refusal::of(error)?;
            Ok(form_page(&caller, &one::entry(&app, id).await?, &typed, &refusal))
        }
    }
}

fn head(entry: &Entry<Incident>, edit: Option<impl IntoView>) -> impl IntoView {
    let title = format!("Postmortem of {}", entry.title);
    view! {
        {Crumbs::of(PATH, "Incidents").then(&entry.page(), &entry.title).here("Postmortem")}
        <div class="page-head"><h1 class="wrap-anywhere">{title}</h1><div class="actions">{edit}</div></div>
    }
}

fn form_page(caller: &Caller, entry: &Entry<Incident>, typed: &Typed, refusal: &Refusal) -> Response {
    let html = page(caller, Section::Incidents, &format!("Postmortem of {}", entry.title), || {
        let theirs = refusal.is_conflict().then(|| {
            saved_meanwhile("others", &entry.body.postmortem, &typed.markdown.replace("\r\n", "\n"))
        });
        // Who has been shown what others saved, and saves again, has seen their version.
        let seen = if refusal.is_conflict() { entry.version } else { typed.version };
        let told = refusal.at("postmortem");
        view! {
            {head(entry, None::<()>)}
            <div class="stack">
                {theirs}
                <section class="card"><div class="body">
                    <form class="form wide" action=format!("{}/postmortem", entry.page()) method="post">
                        {form_token(caller.form_token())}
                        <input type="hidden" name="version" value=seen.to_string()/>
                        {refusal.elsewhere(&["postmortem"])}
                        {MARKDOWN.view(&typed.markdown, told)}
                        <button class="button primary" type="submit">"Save"</button>
                    </form>
                </div></section>
            </div>
        }
    });
    (refusal.status(), html).into_response()
}
