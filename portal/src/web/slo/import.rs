//! SLOs from a file of OpenSLO, pasted: first a look at what it would change, then the change.

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

use crate::{
    auth::{Caller, Editor},
    files::{
        Change, File, Files, Kind, Plan, What,
        make::{self, Author},
    },
    problem::Problem,
    state::App,
    web::{
        crumbs::Crumbs,
        field::{Area, form_token},
        format,
        icon::icon,
        layout::page,
        nav::Section,
    },
};

const YAML: Area = Area {
    name: "yaml",
    label: "OpenSLO v1",
    hint: "One document or several, with --- between them. For a folder of files: seaworthy apply DIR.",
};

/// What was pasted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    yaml: String,
    /// The versions that the plan saw, as JSON; empty before there is a plan.
    seen: String,
}

impl Typed {
    fn files(&self, seen: Option<BTreeMap<String, String>>) -> Files {
        let file = File { name: "pasted".to_owned(), text: self.yaml.clone() };
        Files { files: vec![file], prune: false, seen }
    }
}

/// An empty form.
pub(crate) async fn show(Editor(caller): Editor) -> Response {
    render(&caller, &Typed::default(), None, StatusCode::OK)
}

/// Tells what the file would change, and changes nothing.
pub(crate) async fn look(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let plan = make::look(&app, typed.files(None)).await?;
    let status = if plan.mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(render(&caller, &typed, Some(&plan), status))
}

/// Makes it so, if nobody has changed an SLO since it was looked at.
pub(crate) async fn apply(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let seen = serde_json::from_str(&typed.seen).map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "Nobody has looked at this yet",
            "Look at what it would change, and apply it then.",
        )
    })?;
    let plan = make::apply(&app, typed.files(Some(seen)), &Author::person(&caller)).await?;
    match plan.mistakes.is_empty() {
        true => Ok(Redirect::to("/slos").into_response()),
        false => Ok(render(&caller, &typed, Some(&plan), StatusCode::UNPROCESSABLE_ENTITY)),
    }
}

fn render(caller: &Caller, typed: &Typed, plan: Option<&Plan>, status: StatusCode) -> Response {
    let html = page(caller, Section::Slos, "Import SLOs", || {
        let token = caller.form_token().to_owned();
        view! {
            {Crumbs::of("/slos", "SLOs").here("Import")}
            <div class="page-head">
                <h1>"Import SLOs"</h1>
                <p class="sub">"Nothing changes before you have seen what would."</p>
            </div>
            <div class="stack">
                {plan.map(|plan| outcome(plan, typed, &token))}
                <section class="card"><div class="body">
                    <form class="form" method="post" action="/slos/import/look">
                        {form_token(&token)}
                        {YAML.view(&typed.yaml, None)}
                        <div class="actions">
                            <button class=if plan.is_some() { "button" } else { "button primary" } type="submit">"Look what it would change"</button>
                            <a class="button quiet" href="/slos">"Cancel"</a>
                        </div>
                    </form>
                </div></section>
            </div>
        }
    });
    (status, html).into_response()
}

fn outcome(plan: &Plan, typed: &Typed, token: &str) -> impl IntoView + use<> {
    let findings = |list: &[crate::files::Finding]| -> Vec<_> {
        list.iter()
            .map(|finding| view! { <li><div class="grow mono small">{finding.to_string()}</div></li> })
            .collect()
    };
    let mistakes = (!plan.mistakes.is_empty()).then(|| view! {
        <section class="card" role="alert">
            <header><h2>{icon("fail")}{format!("{} to mend; nothing was changed", format::plural(plan.mistakes.len(), "mistake"))}</h2></header>
            <ul class="list">{findings(&plan.mistakes)}</ul>
        </section>
    });
    let warnings = (!plan.warnings.is_empty()).then(|| {
        view! {
            <section class="card">
                <header><h2>"Kept, but not evaluated"</h2></header>
                <ul class="list">{findings(&plan.warnings)}</ul>
            </section>
        }
    });
    let changes: Vec<_> = plan.changes.iter().map(change).collect();
    let changes = plan.mistakes.is_empty().then(|| view! {
        <section class="card" role="status">
            <header><h2>"What would change"</h2></header>
            {if changes.is_empty() {
                view! { <div class="body"><p class="muted">"There is nothing in this."</p></div> }.into_any()
            } else {
                view! { <ul class="list">{changes}</ul> }.into_any()
            }}
            {plan.changes_anything().then(|| apply_form(plan, typed, token))}
        </section>
    });
    view! { {mistakes}{changes}{warnings} }
}

fn change(change: &Change) -> impl IntoView + use<> {
    let (class, mark, words) = match change.what {
        What::Make => ("status is-pass", "plus", "new"),
        What::Change => ("status is-info", "info", "changes"),
        What::Delete => ("status is-fail", "fail", "is deleted"),
        What::Keep => ("status muted", "pass", "stays as it is"),
        What::LeaveOut => ("status is-unknown", "unknown", "left out: Seaworthy does not evaluate it"),
    };
    let kind = (change.kind != Kind::Slo).then(|| format!("{} ", change.kind.as_str()));
    let diff = (!change.diff.is_empty()).then(|| view! {
        <details><summary class="small muted">"In detail"</summary><pre class="code" tabindex="0">{change.diff.clone()}</pre></details>
    });
    view! {
        <li><span class=class>{icon(mark)}{words}</span><div class="grow">{kind}<span class="medium mono">{change.name.clone()}</span>{diff}</div></li>
    }
}

fn apply_form(plan: &Plan, typed: &Typed, token: &str) -> impl IntoView + use<> {
    let seen = serde_json::to_string(&plan.seen).unwrap_or_default();
    view! {
        <div class="body">
            <form method="post" action="/slos/import">
                {form_token(token)}
                <input type="hidden" name="yaml" value=typed.yaml.clone()/>
                <input type="hidden" name="seen" value=seen/>
                <button class="button primary" type="submit">"Apply"</button>
            </form>
        </div>
    }
}
