//! One item of a service: what it asks and why, what is behind the verdict, and the forms to answer, waive, assign and
//! comment.

mod forms;
mod said;
pub(crate) mod waiver;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::civil::Date;
use leptos::prelude::*;
use seaworthy_catalog::{AnswerDefinition, AssignmentDefinition, CatalogError, Role};
use serde::Deserialize;

use super::{
    parts::{badge, level, verdict},
    section,
};
use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    readiness::assess_now,
    state::App,
    view::{
        people::logins,
        readiness::item::{self, ItemDetail},
    },
    web::{
        layout::page,
        link,
        nav::Section,
        table::{Column, column, row_head, table},
        time,
    },
};

const EVIDENCE: [Column; 4] = [
    column("Fact", "name-cell"),
    column("Value", "two full"),
    column("Seen", "two"),
    column("On build", "two"),
];

/// What a form said that was not taken, and why.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// The form, and the field; empty for the form as a whole.
    field: &'static str,
    message: String,
    answer: Option<Answered>,
    waiver: Option<waiver::Asked>,
    assigned: Option<Assigned>,
    comment: Option<String>,
}

/// The form of an answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Answered {
    kind: String,
    note: String,
    link: String,
    version: i64,
}

/// The form of an assignment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Assigned {
    owner: String,
    due: String,
    version: i64,
}

/// The form of a comment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Commented {
    text: String,
}

/// The form that takes an answer back.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Withdrawn {
    version: i64,
}

/// Where an item is.
pub(crate) type Place = Path<(String, String, String)>;

/// Shows an item.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path((service, template, item)): Place,
) -> Result<Response, Problem> {
    let detail = item::load(&app, &service, &template, &item).await?;
    render(&app, &caller, &detail, Refused::default(), StatusCode::OK).await
}

/// Answers it.
pub(crate) async fn answer(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((service, template, item)): Place,
    Form(typed): Form<Answered>,
) -> Result<Response, Problem> {
    let detail = item::load(&app, &service, &template, &item).await?;
    let refuse = |field, message: &str| Refused {
        field,
        message: message.to_owned(),
        answer: Some(typed.clone()),
        ..Refused::default()
    };
    let Some(kind) = item::kind(&typed.kind) else {
        return again(&app, &caller, &detail, refuse("kind", "Say whether it is satisfied.")).await;
    };
    let link = Some(typed.link.trim().to_owned()).filter(|link| !link.is_empty());
    if detail.item.needs_link && link.is_none() && kind == seaworthy_catalog::AnswerKind::Satisfied {
        return again(
            &app,
            &caller,
            &detail,
            refuse("link", "This item asks for a link to where it can be seen."),
        )
        .await;
    }
    let (note, build) = (typed.note.clone(), detail.build.clone());
    let definition = AnswerDefinition { kind, note, link, build, file: None };
    let told = app
        .catalog()
        .answer_item(&detail.key(), typed.version, &definition, &caller.actor(), app.clock().now())
        .await
        .map(drop);
    done(&app, &caller, &detail, told, |error| Refused {
        answer: Some(typed.clone()),
        ..refused(error, "answer")
    })
    .await
}

/// Takes the answer back.
pub(crate) async fn withdraw(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((service, template, item)): Place,
    Form(typed): Form<Withdrawn>,
) -> Result<Response, Problem> {
    let detail = item::load(&app, &service, &template, &item).await?;
    let told =
        app.catalog().withdraw_answer(&detail.key(), typed.version, &caller.actor(), app.clock().now()).await;
    done(&app, &caller, &detail, told, |error| refused(error, "answer")).await
}

/// Says who sees to it.
pub(crate) async fn assign(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((service, template, item)): Place,
    Form(typed): Form<Assigned>,
) -> Result<Response, Problem> {
    let detail = item::load(&app, &service, &template, &item).await?;
    let due = match typed.due.trim() {
        "" => None,
        text => match text.parse::<Date>() {
            Ok(date) => Some(date),
            Err(_) => {
                let message = format!("{text:?} is not a day; write for example 2026-12-24.");
                let refused = Refused { field: "due", message, assigned: Some(typed), ..Refused::default() };
                return again(&app, &caller, &detail, refused).await;
            }
        },
    };
    let owner = Some(typed.owner.trim().to_owned()).filter(|owner| !owner.is_empty());
    let definition = AssignmentDefinition { owner, due };
    let told = app
        .catalog()
        .assign_item(&detail.key(), typed.version, &definition, &caller.actor(), app.clock().now())
        .await
        .map(drop);
    done(&app, &caller, &detail, told, |error| Refused {
        assigned: Some(typed.clone()),
        ..refused(error, "owner")
    })
    .await
}

/// Says something about it.
pub(crate) async fn comment(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((service, template, item)): Place,
    Form(typed): Form<Commented>,
) -> Result<Response, Problem> {
    let detail = item::load(&app, &service, &template, &item).await?;
    let told = app
        .catalog()
        .add_comment(&detail.key(), &typed.text, &caller.actor(), app.clock().now())
        .await
        .map(drop);
    done(&app, &caller, &detail, told, |error| Refused {
        comment: Some(typed.text.clone()),
        ..refused(error, "text")
    })
    .await
}

/// Judges the service anew and goes back to the item; or shows the form again with what was typed.
async fn done(
    app: &App,
    caller: &Caller,
    detail: &ItemDetail,
    told: Result<(), CatalogError>,
    refused: impl FnOnce(&CatalogError) -> Refused,
) -> Result<Response, Problem> {
    match told {
        Ok(()) => {
            // Where another portal judges, it does so within the minute.
            if let Err(error) = assess_now(app, &detail.service).await {
                tracing::warn!(error = format!("{error:#}"), "readiness was not assessed at once");
            }
            let page = link::readiness_item(&detail.service, &detail.template, &detail.item.judged.item);
            Ok(Redirect::to(&page).into_response())
        }
        Err(
            error @ (CatalogError::Refused { .. } | CatalogError::Changed { .. } | CatalogError::OwnWaiver),
        ) => {
            let refused = refused(&error);
            // What others have said meanwhile is shown beside what was typed.
            let now = item::load(app, &detail.service, &detail.template, &detail.item.judged.item).await?;
            let status = match error {
                CatalogError::Changed { .. } => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            render(app, caller, &now, refused, status).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn again(
    app: &App,
    caller: &Caller,
    detail: &ItemDetail,
    refused: Refused,
) -> Result<Response, Problem> {
    render(app, caller, detail, refused, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// What the catalog says of a form; `whole` names the form where the field is none of its own.
fn refused(error: &CatalogError, whole: &'static str) -> Refused {
    let field = match error {
        CatalogError::Refused { field, .. } => match *field {
            "note" => "note",
            "link" => "link",
            "reason" => "reason",
            "expiry" | "expires_at" | "end" => "until",
            "owner" => "owner",
            "text" | "comment" => "text",
            _ => whole,
        },
        _ => whole,
    };
    Refused { field, message: format!("{error}."), ..Refused::default() }
}

impl Refused {
    /// What is wrong with a field.
    fn at(&self, field: &str) -> Option<String> {
        (!self.message.is_empty() && self.field == field).then(|| self.message.clone())
    }
}

async fn render(
    app: &App,
    caller: &Caller,
    detail: &ItemDetail,
    refused: Refused,
    status: StatusCode,
) -> Result<Response, Problem> {
    let may_approve = item::may_approve(app, caller, &detail.service).await?;
    let people = logins(app).await?;
    let title = format!("{}: {}", detail.service, detail.item.judged.item);
    let html = page(caller, Section::Readiness, &title, || {
        let may_edit = caller.role() >= Role::Editor;
        let of_service =
            link::with_query(&link::readiness(&detail.service), &[("template", &detail.template)]);
        view! {
            {section().then(&of_service, &detail.service).here(&detail.item.judged.item)}
            {head(detail)}
            <div class="with-side">
                <div class="stack">{about(detail)}{behind(detail)}{said::changes(detail)}</div>
                <div class="stack">
                    {forms::answer(caller, detail, &refused, may_edit)}
                    {waiver::card(caller, detail, &refused, may_edit, may_approve)}
                    {forms::assignment(caller, detail, &refused, &people, may_edit)}
                    {said::comments(caller, detail, &refused, may_edit)}
                </div>
            </div>
        }
    });
    Ok((status, html).into_response())
}

fn head(detail: &ItemDetail) -> impl IntoView + use<> {
    let item = &detail.item;
    let of_build = item.of_build.then(|| view! { <span class="dot">"·"</span>"evidence belongs to a build" });
    view! {
        <div class="page-head">
            <h1>{item.question.clone()}</h1>
            {verdict(item.judged.verdict, None)}{badge(&item.judged)}
            <p class="sub">
                {detail.service.clone()}<span class="dot">"·"</span>{detail.point.clone()}<span class="dot">"·"</span>
                {level(Some(item.judged.level))}{of_build}<span class="dot">"·"</span>"judged "{time::clock(detail.assessed_at)}
            </p>
        </div>
    }
}

fn about(detail: &ItemDetail) -> impl IntoView + use<> {
    let item = &detail.item;
    let action =
        item.action.clone().filter(|action| action.href.as_str() != own_page(detail)).map(|action| {
            view! { <a class="button primary" href=action.href>{action.label}</a> }
        });
    // Where it fails, what to do next is how to satisfy it, which stands below.
    let next = item.judged.next.clone().filter(|next| *next != item.how);
    let next = next.map(|next| view! { <dt>"Next"</dt><dd>{next}</dd> });
    let rule =
        item.rule.clone().map(|rule| view! { <dt>"Rule"</dt><dd><code class="mono">{rule}</code></dd> });
    let until =
        item.judged.until.map(|until| view! { <dt>"Stays so until"</dt><dd>{time::minute(until)}</dd> });
    view! {
        <section class="card"><div class="body stack">
            <p class="arithmetic">{item.judged.words.clone()}</p>
            <dl class="facts left">
                {next}
                <dt>"Why"</dt><dd>{item.why.clone()}</dd>
                <dt>"How"</dt><dd>{item.how.clone()}</dd>
                {rule}
                <dt>"Since"</dt><dd>{time::minute(item.judged.since)}</dd>
                {until}
            </dl>
            {action.map(|action| view! { <div class="actions">{action}</div> })}
        </div></section>
    }
}

fn own_page(detail: &ItemDetail) -> String {
    link::readiness_item(&detail.service, &detail.template, &detail.item.judged.item)
}

fn behind(detail: &ItemDetail) -> Option<impl IntoView + use<>> {
    let [_, value, seen, build] = EVIDENCE;
    let rows: Vec<_> = detail
        .item
        .judged
        .evidence
        .iter()
        .map(|evidence| {
            let label = evidence.label.clone();
            let name = match evidence.link.clone() {
                Some(href) => view! { <a href=href>{label}</a> }.into_any(),
                None => label.into_any(),
            };
            let fact = (!evidence.name.is_empty())
                .then(|| view! { <span class="sub mono">{evidence.name.clone()}</span> });
            let stale = evidence.stale.then(|| {
                verdict(seaworthy_checklist::Verdict::Stale, Some("too old, or of another build".to_owned()))
            });
            view! {
                <tr role="row">
                    {row_head(view! { {name}{fact} })}
                    {value.cell(view! { {evidence.words.clone()}" "{stale} })}
                    {seen.cell(time::ago(evidence.seen_at, detail.assessed_at))}
                    {build.cell(evidence.build.clone().unwrap_or_else(|| "–".to_owned()))}
                </tr>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| view! {
        <section class="card"><header><h2>"What is behind it"</h2></header>{table("What is behind it", &EVIDENCE, rows)}</section>
    })
}
