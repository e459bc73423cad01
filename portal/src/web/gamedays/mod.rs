//! Gamedays: planned, held, and what is still to be mended.

pub(crate) mod conclusion;
pub(crate) mod editor;
mod merge;
pub(crate) mod one;
mod part;
pub(crate) mod scenario;
mod slis;
pub(crate) mod tickets;

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use jiff::Timestamp;
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::Gameday;

use super::{
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    records::{empty_list, filter_form, service_link},
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    records::Kept,
    state::App,
    view::{
        fleet,
        gamedays::{self, GamedayLine, GamedayState, GamedaysView, OpenTicket},
        records::ListFilter,
    },
};

const PATH: &str = Gameday::PATH;
const ADVICE: &str = "Plan one: say what is taken away and what should happen then. On the day, start and end each scenario here; the page \
                      shows how the service's SLIs did meanwhile.";
const COLUMNS: [Column; 6] = [
    column("Gameday", "name-cell"),
    column("Service", "two"),
    column("When", "two"),
    column("State", "two"),
    column("Scenarios", "two"),
    column("Open tickets", "num"),
];
const TICKETS: [Column; 4] = [
    column("Ticket", "name-cell"),
    column("Service", "two"),
    column("Open for", "two"),
    column("Gameday", "two"),
];

/// Lists them.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Response, Problem> {
    let view = gamedays::load(&app, &filter).await?;
    let services = fleet::named(&app, "").await?;
    Ok(render(&caller, &filter, &services, &view).into_response())
}

fn render(caller: &Caller, filter: &ListFilter, services: &[String], view: &GamedaysView) -> Html<String> {
    page(caller, Section::Gamedays, "Gamedays", || {
        let new = link::with_query("/gamedays/new", &[("service", &filter.service)]);
        let may_edit = caller.role() >= Role::Editor;
        let plan = || view! { <a class="button primary" href=new.clone()>{icon("plus")}"Plan a gameday"</a> };
        let none = view.planned.is_empty() && view.held.is_empty();
        view! {
            <div class="page-head">
                <h1>"Gamedays"</h1>
                <div class="actions">{may_edit.then(plan)}</div>
                <p class="sub">"failures brought about on purpose, before they come by themselves"</p>
            </div>
            {filter_form(PATH, filter, services)}
            <div class="stack">
                {none.then(|| empty_list("gameday", PATH, filter, ADVICE, may_edit.then(|| plan().into_any())))}
                {lines("Planned and under way", &view.planned)}
                {open_tickets(&view.open_tickets, view.as_of)}
                {lines("Past", &view.held)}
            </div>
        }
    })
}

fn lines(title: &'static str, lines: &[GamedayLine]) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = lines.iter().map(row).collect();
    (!rows.is_empty()).then(|| {
        view! { <section class="card"><header><h2>{title}</h2></header>{table(title, &COLUMNS, rows)}</section> }
    })
}

fn row(line: &GamedayLine) -> impl IntoView + use<> {
    let [_, service, when, status, scenarios, tickets] = COLUMNS;
    let tried = match line.scenarios {
        0 => nothing().into_any(),
        all => format!("{} of {} held", line.held, format::count(all as u64)).into_any(),
    };
    view! {
        <tr role="row">
            {row_head(view! { <a class="wrap-anywhere" href=Gameday::page(line.id)>{line.title.clone()}</a> })}
            {service.cell(service_link(line.service.as_deref()))}
            {when.cell(time::minute(line.planned_for))}
            {status.cell(state(line.state))}
            {scenarios.cell(tried)}
            {tickets.cell(format::count(line.open_tickets as u64))}
        </tr>
    }
}

/// How far a gameday is.
fn state(state: GamedayState) -> impl IntoView {
    let (class, name, word) = match state {
        GamedayState::Planned => ("status is-info", "clock", "Planned"),
        GamedayState::Due => ("status is-warn", "warn", "Due"),
        GamedayState::UnderWay => ("status is-info", "play", "Under way"),
        GamedayState::AwaitsVerdict => ("status is-unknown", "unknown", "Awaits its verdict"),
        GamedayState::Held => ("status is-pass", "pass", "Held"),
        GamedayState::Failed => ("status is-fail", "fail", "Failed"),
    };
    view! { <span class=class>{icon(name)}{word}</span> }
}

fn open_tickets(tickets: &[OpenTicket], now: Timestamp) -> Option<impl IntoView + use<>> {
    let [_, service, age, gameday] = TICKETS;
    let rows: Vec<_> = tickets
        .iter()
        .map(|ticket| {
            let title = ticket.title.clone();
            let name = match ticket.link.clone() {
                Some(href) => {
                    view! { <a class="wrap-anywhere" href=href rel="noopener noreferrer">{title}</a> }
                        .into_any()
                }
                None => view! { <span class="wrap-anywhere">{title}</span> }.into_any(),
            };
            view! {
                <tr role="row">
                    {row_head(name)}
                    {service.cell(service_link(ticket.service.as_deref()))}
                    {age.cell(open_for(ticket.opened_at, now))}
                    {gameday.cell(view! { <a href=Gameday::page(ticket.gameday)>"its gameday"</a> })}
                </tr>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| view! {
        <section class="card">
            <header><h2>"Open tickets"</h2><div class="end">"asked: none open for over 90 d"</div></header>
            {table("Open tickets", &TICKETS, rows)}
        </section>
    })
}

/// `12 d`: red where it is longer than the checklist asks.
fn open_for(opened_at: Timestamp, now: Timestamp) -> impl IntoView {
    let days = now.duration_since(opened_at).as_hours() / 24;
    let class = (days > 90).then_some("t-fail medium");
    let words = if days > 0 { format!("{days} d") } else { "today".to_owned() };
    view! { <span class=class>{words}</span> }
}
