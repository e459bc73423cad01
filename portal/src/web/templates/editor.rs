//! Another version of a template, or another template: first a look at what it would change, then the change.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

use super::preview;
use crate::{
    auth::{Admin, Caller},
    problem::Problem,
    state::App,
    view::templates::{
        self, VersionQuery,
        draft::{Draft, Looked, Mistake},
    },
    web::{
        crumbs::Crumbs,
        field::{Area, form_token},
        format,
        icon::icon,
        layout::page,
        link,
        nav::Section,
    },
};

const YAML: Area = Area {
    name: "yaml",
    label: "Template, as YAML",
    hint: "Give each version another name. What people said of an item stays where its id stays.",
};

/// A template to begin with.
const FIRST: &str = "id: our-own
title: Our own checklist
version: '1'
# kinds: [worker]   for services of this kind alone
points:
  - title: Ownership
    items:
      - id: owner
        level: bronze
        kind: answer
        question: Is it known who answers for the service?
        why: At night somebody must be found within minutes.
        how: Say who it is, and where they can be reached.
      - id: health
        level: silver
        kind: evidence
        question: Does the service check what it depends on?
        why: A service that cannot work should say so before its users do.
        how: Register a health check with the agent for each dependency.
        rule: health_checks > 0
";

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    of: String,
    expected: String,
    yaml: String,
    /// Names the text that was looked at; empty before it was.
    looked: String,
}

impl Typed {
    /// Browsers break lines their own way.
    fn draft(&self) -> Draft {
        Draft {
            of: self.of.clone(),
            expected: Some(self.expected.clone()).filter(|expected| !expected.is_empty()),
            yaml: self.yaml.replace("\r\n", "\n"),
        }
    }
}

/// A form to begin another template.
pub(crate) async fn new(Admin(caller): Admin) -> Response {
    let draft = Draft { of: String::new(), expected: None, yaml: FIRST.to_owned() };
    render(&caller, &draft, None, StatusCode::OK)
}

/// A form with the version in use.
pub(crate) async fn edit(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let view = templates::one(&app, &id, &VersionQuery::default()).await?;
    let draft = Draft { of: id, expected: view.used, yaml: view.yaml };
    Ok(render(&caller, &draft, None, StatusCode::OK))
}

/// Tells what it would change, and changes nothing.
pub(crate) async fn look(
    Admin(caller): Admin,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    shown(&app, &caller, &typed.draft()).await
}

/// Puts it into use. What nobody has looked at is looked at first.
pub(crate) async fn save(
    Admin(caller): Admin,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let draft = typed.draft();
    if typed.looked != draft.digest() {
        return shown(&app, &caller, &draft).await;
    }
    match draft.save(&app, &caller).await? {
        Ok(template) => Ok(Redirect::to(&link::template(&template.id)).into_response()),
        Err(mistakes) => {
            let used = templates::one(&app, &draft.of, &VersionQuery::default())
                .await
                .ok()
                .and_then(|view| view.used);
            // The next look compares with what is in use by now.
            let draft = if draft.of.is_empty() { draft } else { Draft { expected: used, ..draft } };
            Ok(render(&caller, &draft, Some(&Looked::Wrong(mistakes)), StatusCode::CONFLICT))
        }
    }
}

async fn shown(app: &App, caller: &Caller, draft: &Draft) -> Result<Response, Problem> {
    let looked = draft.look(app).await?;
    let status = match &looked {
        Looked::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Looked::Right(_) => StatusCode::OK,
    };
    Ok(render(caller, draft, Some(&looked), status))
}

fn render(caller: &Caller, draft: &Draft, looked: Option<&Looked>, status: StatusCode) -> Response {
    let title =
        if draft.of.is_empty() { "New template".to_owned() } else { format!("New version of {}", draft.of) };
    let html = page(caller, Section::Templates, &title, || {
        let token = caller.form_token().to_owned();
        let outcome = looked.map(|looked| match looked {
            Looked::Wrong(mistakes) => wrong(mistakes).into_any(),
            Looked::Right(right) => {
                let (template, preview) = &**right;
                view! { {preview::view(template, preview)}{save_form(draft, &token)} }.into_any()
            }
        });
        let again = matches!(looked, Some(Looked::Right(_)));
        let back = match draft.of.as_str() {
            "" => "/settings/templates".to_owned(),
            of => link::template(of),
        };
        view! {
            {Crumbs::of("/settings/templates", "Templates").here(&title)}
            <div class="page-head">
                <h1>{title.clone()}</h1>
                <p class="sub">"Nothing changes before you have seen what would."</p>
            </div>
            <div class="stack">
                {outcome}
                <section class="card"><div class="body">
                    <form class="form wide" method="post" action="/settings/templates/look">
                        {form_token(&token)}{hidden(draft)}
                        {YAML.view(&draft.yaml, None)}
                        <div class="actions">
                            <button class=if again { "button" } else { "button primary" } type="submit">"See what it would change"</button>
                            <a class="button quiet" href=back>"Cancel"</a>
                        </div>
                    </form>
                </div></section>
            </div>
        }
    });
    (status, html).into_response()
}

fn hidden(draft: &Draft) -> impl IntoView + use<> {
    view! {
        <input type="hidden" name="of" value=draft.of.clone()/>
        <input type="hidden" name="expected" value=draft.expected.clone().unwrap_or_default()/>
    }
}

fn wrong(mistakes: &[Mistake]) -> impl IntoView + use<> {
    let rows: Vec<_> = mistakes
        .iter()
        .map(|mistake| {
            let line = mistake.line.map(|line| view! { <span class="medium nowrap">{format!("line {line}")}</span> });
            view! { <li>{line}<div class="grow mono small wrap-anywhere">{mistake.message.clone()}</div></li> }
        })
        .collect();
    let title = format!("{} to mend; nothing was changed", format::plural(mistakes.len(), "mistake"));
    view! {
        <section class="card" role="alert" id="mistakes">
            <header><h2 class="row tight t-fail">{icon("fail")}{title}</h2></header>
            <ul class="list">{rows}</ul>
        </section>
    }
}

fn save_form(draft: &Draft, token: &str) -> impl IntoView + use<> {
    view! {
        <section class="card"><div class="body">
            <form class="row" method="post" action="/settings/templates">
                {form_token(token)}{hidden(draft)}
                <input type="hidden" name="yaml" value=draft.yaml.clone()/>
                <input type="hidden" name="looked" value=draft.digest()/>
                <button class="button primary" type="submit">"Save and put into use"</button>
                <span class="small muted">"Services are judged by it within a minute."</span>
            </form>
        </div></section>
    }
}
