//! Waivers of an item: asked for, approved by another, ended.

use axum::{
    Form,
    extract::{Path, State},
    response::{Redirect, Response},
};
use jiff::{SignedDuration, ToSpan, civil::Date, tz::TimeZone};
use leptos::prelude::*;
use seaworthy_catalog::WaiverDefinition;
use seaworthy_checklist::{MAX_WAIVER_DAYS, Waiver};
use serde::Deserialize;

use super::{Place, Refused, again, done, own_page, refused};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    readiness::assess_now,
    state::App,
    view::readiness::item::{self, ItemDetail, WaiverView},
    web::{
        field::{Area, Field, form_token, whole},
        icon::icon,
        link, time,
    },
};

const REASON: Area =
    Area { name: "reason", label: "Why it cannot be satisfied yet", hint: "whoever approves reads this" };
const UNTIL: Field = Field::text("until", "Until", "off").kind("date").hint("at most 180 days from today");

/// The form that asks for a waiver.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    reason: String,
    until: String,
}

/// Asks for one.
pub(crate) async fn ask(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((service, template, item)): Place,
    Form(typed): Form<Asked>,
) -> Result<Response, Problem> {
    let detail = item::load(&app, &service, &template, &item).await?;
    let now = app.clock().now();
    let wrong = |message: String| Refused {
        field: "until",
        message,
        waiver: Some(typed.clone()),
        ..Refused::default()
    };
    let zone = caller.preferences().zone.clone();
    let Some(expires_at) = end_of(&typed.until, zone) else {
        let message = format!("{:?} is not a day; write for example 2026-12-24.", typed.until);
        return again(&app, &caller, &detail, wrong(message)).await;
    };
    // The rules of waivers are the checklist's.
    if let Err(error) = Waiver::ask(&typed.reason, &caller.person().login, now, expires_at) {
        let mut refused = wrong(format!("{error}."));
        if typed.reason.trim().is_empty() {
            refused.field = "reason";
        }
        return again(&app, &caller, &detail, refused).await;
    }
    let definition = WaiverDefinition { reason: typed.reason.clone(), expires_at };
    let told = app.catalog().ask_waiver(&detail.key(), &definition, &caller.actor(), now).await.map(drop);
    done(&app, &caller, &detail, told, |error| Refused {
        waiver: Some(typed.clone()),
        ..refused(error, "waiver")
    })
    .await
}

/// Approves one that somebody else has asked for.
pub(crate) async fn approve(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    let waiver = find(&app, id).await?;
    if !item::may_approve(&app, &caller, &waiver.service).await? {
        return Err(Problem::forbidden(
            "An admin or the owner of the service approves waivers",
            "Ask one of them; the page My work shows them what waits.",
        ));
    }
    app.catalog().approve_waiver(id, &caller.actor(), app.clock().now()).await?;
    Ok(back(&app, &waiver).await)
}

/// Ends one: withdraws it, refuses it, or lets it hold no longer.
pub(crate) async fn end(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    let waiver = find(&app, id).await?;
    let own = waiver.asked_by == caller.person().login;
    if !own && !item::may_approve(&app, &caller, &waiver.service).await? {
        return Err(Problem::forbidden(
            "Who asked for a waiver ends it, or an admin or the owner of the service",
            "Ask one of them.",
        ));
    }
    app.catalog().end_waiver(id, &caller.actor(), app.clock().now()).await?;
    Ok(back(&app, &waiver).await)
}

async fn find(app: &App, id: i64) -> Result<WaiverView, Problem> {
    let waiver = app.catalog().waiver(id).await?;
    let gone =
        || Problem::not_found(format!("There is no waiver {id}"), "The page of an item shows its waivers.");
    Ok(WaiverView::of(waiver.ok_or_else(gone)?, app.clock().now()))
}

async fn back(app: &App, waiver: &WaiverView) -> Redirect {
    if let Err(error) = assess_now(app, &waiver.service).await {
        tracing::warn!(error = format!("{error:#}"), "readiness was not assessed at once");
    }
    Redirect::to(&link::readiness_item(&waiver.service, &waiver.template, &waiver.item))
}

/// The end of a day, for whoever wrote it.
fn end_of(day: &str, zone: TimeZone) -> Option<jiff::Timestamp> {
    let next = day.trim().parse::<Date>().ok()?.checked_add(1.day()).ok()?;
    Some(next.to_zoned(zone).ok()?.timestamp() - SignedDuration::from_secs(1))
}

/// The waivers of an item, and the form to ask for one.
pub(super) fn card(
    caller: &Caller,
    detail: &ItemDetail,
    refused: &Refused,
    may_edit: bool,
    may_approve: bool,
) -> impl IntoView + use<> {
    let waivers: Vec<_> = detail.waivers.iter().map(|waiver| one(caller, waiver, may_approve)).collect();
    let waits = detail.waivers.iter().any(|waiver| waiver.approved_by.is_none() && !waiver.expired);
    let holds = detail.item.judged.verdict.holds() && waivers.is_empty();
    let form = (may_edit && !waits && !holds).then(|| form(caller, detail, refused));
    if waivers.is_empty() && form.is_none() {
        return ().into_any();
    }
    view! {
        <section class="card" id="waiver">
            <header><h2>"Waiver"</h2></header>
            <div class="body stack">{waivers}{form}</div>
        </section>
    }
    .into_any()
}

fn one(caller: &Caller, waiver: &WaiverView, may_approve: bool) -> impl IntoView + use<> {
    let own = waiver.asked_by == caller.person().login;
    let state = match (&waiver.approved_by, waiver.expired) {
        (_, true) => view! { <span class="status is-stale">{icon("stale")}"Expired"</span> }.into_any(),
        (Some(by), _) => {
            view! { <span class="status is-waived">{icon("waived")}{format!("Approved by {by}")}</span> }
                .into_any()
        }
        (None, _) => {
            view! { <span class="status is-info">{icon("clock")}"Waits for approval"</span> }.into_any()
        }
    };
    let path = format!("/waivers/{}", waiver.id);
    let token = caller.form_token().to_owned();
    let approve = (may_approve && !own && waiver.approved_by.is_none() && !waiver.expired).then(|| {
        view! {
            <form method="post" action=format!("{path}/approve")>{form_token(&token)}<button class="button small primary" type="submit">"Approve"</button></form>
        }
    });
    let word = match (&waiver.approved_by, own) {
        (None, true) => "Withdraw",
        (None, false) => "Refuse",
        _ => "End it",
    };
    let end = (own || may_approve).then(|| {
        view! {
            <form method="post" action=format!("{path}/end")>{form_token(&token)}<button class="button small" type="submit">{word}</button></form>
        }
    });
    view! {
        <div>
            {state}
            <p class="wrap">{waiver.reason.clone()}</p>
            <p class="small muted">"asked by "{waiver.asked_by.clone()}", "{time::minute(waiver.asked_at)}"; until "{time::minute(waiver.expires_at)}</p>
            <div class="row tight">{approve}{end}</div>
        </div>
    }
}

fn form(caller: &Caller, detail: &ItemDetail, refused: &Refused) -> impl IntoView + use<> {
    let typed = refused.waiver.clone().unwrap_or_default();
    view! {
        <details class="unfold" open=refused.waiver.is_some()>
            <summary class="medium"><span class="chevron">{icon("chevron")}</span>"Ask for a waiver"</summary>
            <p class="small muted">{format!("It holds once somebody else has approved it, for at most {MAX_WAIVER_DAYS} days, and is never a pass.")}</p>
            <form class="form" method="post" action=format!("{}/waive", own_page(detail))>
                {form_token(caller.form_token())}
                {whole(refused.at("waiver"))}
                {REASON.view(&typed.reason, refused.at("reason"))}
                {UNTIL.view(&typed.until, refused.at("until"))}
                <div class="actions"><button class="button" type="submit">"Ask for it"</button></div>
            </form>
        </details>
    }
}
