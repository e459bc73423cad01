//! Planned maintenance and load tests.

mod typed;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{CatalogError, Exclusion, Role};

use self::typed::{Mistake, Typed};
use super::{
    crumbs::Crumbs,
    field::{Field, form_token, select, suggestions, whole},
    icon::icon,
    layout::page,
    nav::Section,
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    state::App,
    view::{
        fleet,
        maintenance::{self, ExclusionView, MaintenanceView, Times},
    },
};

const PATH: &str = "/maintenance";
const COLUMNS: [Column; 5] = [
    column("What", "name-cell"),
    column("Service", "two"),
    column("When", "two full"),
    column("Repeats", "two"),
    column("By", "two"),
];

/// Lists it.
pub(crate) async fn show(Viewer(caller): Viewer, State(app): State<App>) -> Result<Response, Problem> {
    let view = maintenance::load(&app).await?;
    Ok(render(&caller, &view).into_response())
}

/// An empty form.
pub(crate) async fn new(Editor(caller): Editor, State(app): State<App>) -> Result<Response, Problem> {
    let typed = Typed::new(app.clock().now(), &caller.preferences().zone);
    form_page(&app, &caller, None, &typed, Vec::new(), StatusCode::OK).await
}

/// Plans it.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let definition = match typed.definition() {
        Ok(definition) => definition,
        Err(mistakes) => return refused(&app, &caller, None, &typed, mistakes).await,
    };
    match app.catalog().create_exclusion(&definition, &caller.actor(), app.clock().now()).await {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(error) => not_taken(&app, &caller, None, &typed, error).await,
    }
}

/// The form with one as it is.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let exclusion = find(&app, id).await?;
    let typed = Typed::of(&exclusion, &caller.preferences().zone);
    form_page(&app, &caller, Some(id), &typed, Vec::new(), StatusCode::OK).await
}

/// Changes it.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let definition = match typed.definition() {
        Ok(definition) => definition,
        Err(mistakes) => return refused(&app, &caller, Some(id), &typed, mistakes).await,
    };
    let seen = typed.version.parse().unwrap_or_default();
    match app.catalog().update_exclusion(id, seen, &definition, &caller.actor(), app.clock().now()).await {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(error) => not_taken(&app, &caller, Some(id), &typed, error).await,
    }
}

/// Deletes it: the time counts again.
pub(crate) async fn delete(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    app.catalog().delete_exclusion(id, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to(PATH))
}

async fn find(app: &App, id: i64) -> Result<Exclusion, Problem> {
    let all = app.catalog().exclusions().await?;
    all.into_iter().find(|exclusion| exclusion.id == id).ok_or_else(|| {
        Problem::not_found("This is not planned, or not any more", "The page Maintenance lists what is.")
    })
}

async fn refused(
    app: &App,
    caller: &Caller,
    id: Option<i64>,
    typed: &Typed,
    mistakes: Vec<Mistake>,
) -> Result<Response, Problem> {
    form_page(app, caller, id, typed, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// What the catalog refused, with what was typed.
async fn not_taken(
    app: &App,
    caller: &Caller,
    id: Option<i64>,
    typed: &Typed,
    error: CatalogError,
) -> Result<Response, Problem> {
    let (field, status) = match &error {
        CatalogError::Refused { field, .. } => (typed::field_of(field), StatusCode::UNPROCESSABLE_ENTITY),
        CatalogError::Changed { .. } => ("", StatusCode::CONFLICT),
        _ => return Err(error.into()),
    };
    form_page(app, caller, id, typed, vec![(field, format!("{error}."))], status).await
}

fn render(caller: &Caller, view: &MaintenanceView) -> Html<String> {
    page(caller, Section::Slos, "Maintenance", || {
        let may_edit = caller.role() >= Role::Editor;
        let plan = || view! { <a class="button primary" href="/maintenance/new">{icon("plus")}"Plan maintenance"</a> };
        let (ahead, over): (Vec<_>, Vec<_>) = view.exclusions.iter().partition(|view| view.next.is_some());
        let content = if view.exclusions.is_empty() {
            view! {
                <section class="card"><div class="empty">
                    <h2>"Nothing is planned"</h2>
                    <p>
                        "Minutes of planned maintenance and of load tests do not count against budgets. They stay visible: \
                         the charts shade them, and every SLO says how many were left out."
                    </p>
                    {may_edit.then(plan)}
                </div></section>
            }
            .into_any()
        } else {
            view! { {lines(caller, "Now and ahead", &ahead)}{lines(caller, "Over", &over)} }.into_any()
        };
        view! {
            {Crumbs::of("/slos", "SLOs").here("Maintenance")}
            <div class="page-head">
                <h1>"Maintenance"</h1>
                <div class="actions">{may_edit.then(plan)}</div>
                <p class="sub">"planned time does not count against budgets"</p>
            </div>
            <div class="stack">{content}</div>
        }
    })
}

fn lines(caller: &Caller, title: &'static str, views: &[&ExclusionView]) -> Option<impl IntoView + use<>> {
    let may_edit = caller.role() >= Role::Editor;
    let rows: Vec<_> = views.iter().map(|view| row(view, may_edit)).collect();
    (!rows.is_empty()).then(|| {
        view! { <section class="card"><header><h2>{title}</h2></header>{table(title, &COLUMNS, rows)}</section> }
    })
}

fn row(exclusion: &ExclusionView, may_edit: bool) -> impl IntoView + use<> {
    let [_, service, next, repeats, by] = COLUMNS;
    let reason = exclusion.reason.clone();
    let name = if may_edit {
        view! { <a href=format!("{PATH}/{}/edit", exclusion.id)>{reason}</a> }.into_any()
    } else {
        reason.into_any()
    };
    let is_now =
        exclusion.is_now.then(|| view! { <span class="status is-warn">{icon("warn")}"now"</span>" " });
    let times = |times: &Times| view! { {time::minute(times.from)}" to "{time::minute(times.to)} };
    let weekly = exclusion.weekly_zone.as_ref().map(|zone| {
        let until = exclusion.repeats_until.map(|until| view! { ", until "{time::minute(until)} });
        view! { {format!("weekly, {zone}")}{until} }
    });
    view! {
        <tr role="row">
            {row_head(view! { {name}" "<span class="sub">{exclusion.kind.clone()}</span> })}
            {service.cell(exclusion.service.clone().unwrap_or_else(|| "all services".to_owned()))}
            {next.cell(view! { {is_now}{times(exclusion.next.as_ref().unwrap_or(&exclusion.first))} })}
            {repeats.cell(weekly.map_or_else(|| nothing().into_any(), IntoAny::into_any))}
            {by.cell(exclusion.created_by.clone())}
        </tr>
    }
}

async fn form_page(
    app: &App,
    caller: &Caller,
    id: Option<i64>,
    typed: &Typed,
    mistakes: Vec<Mistake>,
    status: StatusCode,
) -> Result<Response, Problem> {
    let services = fleet::named(app, "").await?;
    let title = if id.is_some() { "Change what is planned" } else { "Plan maintenance" };
    let html = page(caller, Section::Slos, title, || {
        view! {
            {Crumbs::of("/slos", "SLOs")
                .then(PATH, "Maintenance")
                .here(if id.is_some() { "Change" } else { "Plan" })}
            <div class="page-head"><h1>{title}</h1></div>
            <div class="stack">
                <section class="card"><div class="body">{fields(caller, id, typed, &services, &mistakes)}</div></section>
                {id.map(|id| delete_card(caller, id))}
            </div>
        }
    });
    Ok((status, html).into_response())
}

fn fields(
    caller: &Caller,
    id: Option<i64>,
    typed: &Typed,
    services: &[String],
    mistakes: &[Mistake],
) -> impl IntoView + use<> {
    let of = |name: &str| mistakes.iter().find(|(field, _)| *field == name).map(|(_, told)| told.clone());
    let action = id.map_or(PATH.to_owned(), |id| format!("{PATH}/{id}"));
    let kinds = [("maintenance", "planned maintenance"), ("load test", "a load test")];
    let kinds = kinds.map(|(value, words)| (value.to_owned(), words.to_owned())).into();
    view! {
        <form class="form" action=action method="post">
            {form_token(caller.form_token())}
            <input type="hidden" name="version" value=typed.version.clone()/>
            {whole(of(""))}
            {Field::text("reason", "Why", "off").like("database upgrade").view(&typed.reason, of("reason"))}
            {select("kind", "What it is", &typed.kind, kinds, of("kind"))}
            {Field::optional("service", "Service").hint("none means all services").list("services").view(&typed.service, of("service"))}
            {suggestions("services", services)}
            {Field::text("from", "From", "off").kind("datetime-local").view(&typed.from, of("from"))}
            {Field::text("to", "To", "off").kind("datetime-local").view(&typed.to, of("to"))}
            {Field::text("zone", "Time zone", "off").like("Europe/Berlin").hint("of these times").view(&typed.zone, of("zone"))}
            <label class="check">
                <input type="checkbox" name="weekly" checked=typed.weekly.is_some()/>
                "again every week, at the same hours of the clock on the wall"
            </label>
            {Field::optional("until", "Until").kind("datetime-local").hint("for what comes every week: none begins then or later; empty for no end").view(&typed.until, of("until"))}
            <button class="button primary" type="submit">{if id.is_some() { "Save" } else { "Plan it" }}</button>
        </form>
    }
}

fn delete_card(caller: &Caller, id: i64) -> impl IntoView + use<> {
    view! {
        <section class="card">
            <header><h2>"Delete"</h2></header>
            <div class="body stack">
                <p class="muted">"The time counts again, in the past as well."</p>
                <form action=format!("{PATH}/{id}/delete") method="post">
                    {form_token(caller.form_token())}
                    <button class="button danger" type="submit">"Delete this plan"</button>
                </form>
            </div>
        </section>
    }
}
