//! Silences: listed, made and ended.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;
use seaworthy_catalog::{CatalogError, Role, SilenceDefinition};
use serde::Deserialize;

use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    state::App,
    view::{
        alerts::{
            one::AlertView,
            silences::{self, SilenceView, SilencesView},
        },
        fleet,
    },
    web::{
        crumbs::Crumbs,
        field::{Field, form_token, select, suggestions, whole},
        format,
        icon::icon,
        layout::page,
        nav::Section,
        table::{Column, column, row_head, table},
        time,
    },
};

const PATH: &str = "/silences";
const COLUMNS: [Column; 5] = [
    column("Silence", "name-cell"),
    column("From", "two"),
    column("Until", "two"),
    column("By", "two"),
    column("", "two"),
];
/// For so many minutes.
const LENGTHS: [u32; 6] = [60, 4 * 60, 8 * 60, 24 * 60, 3 * 24 * 60, 7 * 24 * 60];

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    service: String,
    slo: String,
    minutes: String,
    reason: String,
}

/// Lists silences.
pub(crate) async fn show(Viewer(caller): Viewer, State(app): State<App>) -> Result<Response, Problem> {
    let view = silences::load(&app).await?;
    Ok(render(&caller, &view).into_response())
}

/// The form for a new one; a link may say for what.
pub(crate) async fn new(
    Editor(caller): Editor,
    State(app): State<App>,
    Query(typed): Query<Typed>,
) -> Result<Response, Problem> {
    form_page(&app, &caller, &typed, None, StatusCode::OK).await
}

/// Makes one, from now on.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let now = app.clock().now();
    match app.catalog().create_silence(&typed.definition(now), &caller.actor(), now).await {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(CatalogError::Refused { field, rule }) => {
            let field = if field == "end" { "minutes" } else { field };
            let told = (field, format!("The {field} {rule}."));
            form_page(&app, &caller, &typed, Some(told), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends one before its time: what still fires is told.
pub(crate) async fn end(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    app.catalog().end_silence(id, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to(PATH))
}

impl Typed {
    /// What cannot be a length is none, which the catalog refuses.
    fn definition(&self, now: Timestamp) -> SilenceDefinition {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let minutes = self.minutes.parse::<u32>().ok().filter(|minutes| LENGTHS.contains(minutes));
        SilenceDefinition {
            service: given(&self.service),
            slo: given(&self.slo),
            starts_at: now,
            ends_at: now + SignedDuration::from_mins(minutes.unwrap_or_default().into()),
            reason: self.reason.clone(),
        }
    }
}

fn render(caller: &Caller, view: &SilencesView) -> impl IntoResponse + use<> {
    page(caller, Section::Alerts, "Silences", || {
        let make = (caller.role() >= Role::Editor).then(|| {
            view! { <a class="button primary" href="/silences/new">{icon("plus")}"Make a silence"</a> }
        });
        let content = if view.silences.is_empty() && view.past.is_empty() {
            view! {
                <section class="card"><div class="empty">
                    <h2>"No silence"</h2>
                    <p>
                        "A silence keeps alerts of a service or an SLO from being told for a while. They still show here, and \
                         what still fires when it ends is told then. Maintenance that is planned is better entered as such: \
                         then its minutes do not count against budgets either."
                    </p>
                </div></section>
            }
            .into_any()
        } else {
            view! { {lines(caller, "Now", &view.silences)}{lines(caller, "Over", &view.past)} }.into_any()
        };
        view! {
            {Crumbs::of("/alerts", "Alerts").here("Silences")}
            <div class="page-head">
                <h1>"Silences"</h1>
                <div class="actions">{make}</div>
                <p class="sub">"alerts that fire and are not told"</p>
            </div>
            <div class="stack">{content}</div>
        }
    })
}

fn lines(caller: &Caller, title: &'static str, silences: &[SilenceView]) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = silences.iter().map(|silence| row(caller, silence)).collect();
    (!rows.is_empty()).then(|| {
        view! { <section class="card"><header><h2>{title}</h2></header>{table(title, &COLUMNS, rows)}</section> }
    })
}

fn row(caller: &Caller, silence: &SilenceView) -> impl IntoView + use<> {
    let [_, from, until, by, act] = COLUMNS;
    let end = (silence.is_now && caller.role() >= Role::Editor).then(|| {
        view! {
            <form action=format!("{PATH}/{}/end", silence.id) method="post">
                {form_token(caller.form_token())}
                <button class="button small" type="submit">"End it now"</button>
            </form>
        }
    });
    view! {
        <tr role="row">
            {row_head(view! { {silence.what()}<span class="sub wrap-anywhere">{silence.reason.clone()}</span> })}
            {from.cell(time::minute(silence.starts_at))}
            {until.cell(time::minute(silence.ends_at))}
            {by.cell(silence.created_by.clone())}
            {act.cell(end)}
        </tr>
    }
}

async fn form_page(
    app: &App,
    caller: &Caller,
    typed: &Typed,
    mistake: Option<(&str, String)>,
    status: StatusCode,
) -> Result<Response, Problem> {
    let services = fleet::named(app, "").await?;
    let slos: Vec<String> = app.catalog().slos().await?.into_iter().map(|slo| slo.name).collect();
    let of = |name: &str| mistake.iter().find(|(field, _)| *field == name).map(|(_, told)| told.clone());
    let known = ["service", "SLO", "minutes", "reason"];
    let rest = mistake.iter().find(|(field, _)| !known.contains(field)).map(|(_, told)| told.clone());
    let html = page(caller, Section::Alerts, "Make a silence", || {
        view! {
            {Crumbs::of("/alerts", "Alerts").then(PATH, "Silences").here("New")}
            <div class="page-head"><h1>"Make a silence"</h1></div>
            <section class="card"><div class="body">
                <form class="form" action=PATH method="post">
                    {form_token(caller.form_token())}
                    {whole(rest)}
                    {Field::optional("service", "Service").hint("none means all services").list("services").view(&typed.service, of("service"))}
                    {suggestions("services", &services)}
                    {Field::optional("slo", "SLO").hint("none means all SLOs, and alerts that are about none").list("slos").view(&typed.slo, of("SLO"))}
                    {suggestions("slos", &slos)}
                    {select("minutes", "For", &typed.minutes, lengths(), of("minutes"))}
                    {Field::text("reason", "Why", "off").like("a known fault, mended tomorrow").view(&typed.reason, of("reason"))}
                    <button class="button primary" type="submit">"Make the silence"</button>
                </form>
            </div></section>
        }
    });
    Ok((status, html).into_response())
}

fn lengths() -> Vec<(String, String)> {
    LENGTHS.map(|minutes| (minutes.to_string(), format::span(u64::from(minutes) * 60))).into()
}

/// Silences what an alert is about: its SLO, or else its service.
pub(super) fn card(caller: &Caller, alert: &AlertView) -> impl IntoView + use<> {
    let line = &alert.line;
    let what = match &line.slo {
        Some(slo) => format!("Alerts of the SLO {slo} fire on, and nobody is told until the silence ends."),
        None => format!("Alerts of {} fire on, and nobody is told until the silence ends.", line.service),
    };
    view! {
        <section class="card">
            <header><h2>"Silence"</h2></header>
            <div class="body stack">
                <p class="muted">{what}</p>
                <form class="form" action=PATH method="post">
                    {form_token(caller.form_token())}
                    <input type="hidden" name="service" value=line.service.clone()/>
                    <input type="hidden" name="slo" value=line.slo.clone().unwrap_or_default()/>
                    {select("minutes", "For", "", lengths(), None)}
                    {Field::text("reason", "Why", "off").like("a known fault, mended tomorrow").view("", None)}
                    <button class="button" type="submit">{icon("clock")}"Silence it"</button>
                </form>
            </div>
        </section>
    }
}
