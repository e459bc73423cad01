//! What a gameday showed to be mended.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_records::{Gameday, Ticket};
use serde::Deserialize;

use super::{
    one, open_for,
    part::{of_element, place},
};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Entry, NotTaken},
    state::App,
    view::gamedays::one::{GamedayView, TicketView},
    web::{
        field::{Field, form_token},
        icon::icon,
        records::{Refusal, sentence},
        time,
    },
};

const TITLE: Field =
    Field::text("title", "What is to be mended", "off").like("Give the client of barista a timeout");
const LINK: Field = Field::optional("link", "Link")
    .kind("url")
    .like("https://tickets.example/SEA-12")
    .hint("where it is worked on");

/// The form of a ticket.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    title: String,
    link: String,
}

/// What is to be done with a ticket.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    /// As it was seen.
    title: String,
    #[serde(rename = "do")]
    verb: String,
}

/// A ticket that was not taken, and why.
#[derive(Debug, Default)]
pub(super) struct Refused {
    typed: Typed,
    refusal: Refusal,
}

impl Refused {
    pub(super) fn is_any(&self) -> bool {
        self.refusal.status() != axum::http::StatusCode::OK
    }
}

/// Opens a ticket.
pub(crate) async fn add(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let ticket = Ticket {
        title: typed.title.trim().to_owned(),
        link: Some(typed.link.trim().to_owned()).filter(|link| !link.is_empty()),
        opened_at: app.clock().now(),
        closed_at: None,
    };
    let added = records::amend::<Gameday>(&app, &caller.actor(), id, |entry| {
        entry.body.tickets.push(ticket.clone());
        Ok(())
    })
    .await;
    match added {
        Ok(entry) => Ok(Redirect::to(&tickets(&entry)).into_response()),
        Err(error) => {
            let refusal = Refusal::of(of_element(error, "tickets"))?;
            one::render(&app, &caller, id, &Refused { typed, refusal }).await
        }
    }
}

/// Closes, opens again or takes away a ticket.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((id, index)): Path<(i64, usize)>,
    Form(done): Form<Done>,
) -> Result<Redirect, Problem> {
    let now = app.clock().now();
    let entry = records::amend::<Gameday>(&app, &caller.actor(), id, |entry| {
        let titles: Vec<&str> = entry.body.tickets.iter().map(|ticket| ticket.title.as_str()).collect();
        let index = place(entry, &titles, (index, &done.title), "the tickets")?;
        let tickets = &mut entry.body.tickets;
        match done.verb.as_str() {
            // Twice is once: who was first closed it.
            "close" => {
                tickets[index].closed_at =
                    tickets[index].closed_at.or(Some(now.max(tickets[index].opened_at)))
            }
            "open" => tickets[index].closed_at = None,
            "remove" => drop(tickets.remove(index)),
            other => return Err(NotTaken::wrong("do", format!("{other:?} is not close, open or remove"))),
        }
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&tickets(&entry)))
}

fn tickets(entry: &Entry<Gameday>) -> String {
    format!("{}#tickets", entry.page())
}

/// The tickets, and the form that opens one.
pub(super) fn card(
    caller: &Caller,
    view: &GamedayView,
    own: &str,
    refused: &Refused,
    may_edit: bool,
) -> impl IntoView + use<> {
    let lines: Vec<_> = view
        .tickets
        .iter()
        .enumerate()
        .map(|(index, one)| line(caller, view, (own, index), one, may_edit))
        .collect();
    let none = lines
        .is_empty()
        .then(|| view! { <div class="body"><p class="muted">"Nothing is to be mended."</p></div> });
    let form = may_edit.then(|| {
        view! {
            <details class="fold" open=refused.is_any()>
                <summary class="medium">"Open a ticket"</summary>
                <div class="body"><form class="form" action=format!("{own}/tickets") method="post">
                    {form_token(caller.form_token())}
                    {refused.refusal.elsewhere(&["title", "link"])}
                    {TITLE.view(&refused.typed.title, refused.refusal.at("title"))}
                    {LINK.view(&refused.typed.link, refused.refusal.at("link"))}
                    <button class="button" type="submit">"Open it"</button>
                </form></div>
            </details>
        }
    });
    view! {
        <section class="card" id="tickets">
            <header><h2>"Tickets"</h2></header>{none}<ul class="list">{lines}</ul>{form}
        </section>
    }
}

fn line(
    caller: &Caller,
    view: &GamedayView,
    (own, index): (&str, usize),
    ticket: &TicketView,
    may_edit: bool,
) -> impl IntoView + use<> {
    let title = ticket.title.clone();
    let name = match ticket.link.clone() {
        Some(href) => view! { <a href=href rel="noopener noreferrer">{title}</a> }.into_any(),
        None => title.into_any(),
    };
    let state = match ticket.closed_at {
        Some(at) => {
            view! { <span class="status is-pass">{icon("pass")}"mended "{time::minute(at)}</span> }.into_any()
        }
        None => view! { <span>"open for "{open_for(ticket.opened_at, view.as_of)}</span> }.into_any(),
    };
    let verbs = if ticket.closed_at.is_some() {
        [("open", "Open again"), ("remove", "Remove")]
    } else {
        [("close", "Close"), ("remove", "Remove")]
    };
    let buttons: Vec<_> = verbs
        .into_iter()
        .map(|(verb, words)| {
            let label = sentence(&format!("{words} {}", ticket.title));
            view! { <button class="button quiet small" type="submit" name="do" value=verb aria-label=label>{words}</button> }
        })
        .collect();
    let form = may_edit.then(|| {
        view! {
            <form class="row tight" action=format!("{own}/tickets/{index}") method="post">
                {form_token(caller.form_token())}
                <input type="hidden" name="title" value=ticket.title.clone()/>{buttons}
            </form>
        }
    });
    view! { <li><div class="grow wrap-anywhere">{name}<span class="sub">{state}</span>{form}</div></li> }
}
