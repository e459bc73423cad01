//! What people do to an incident. Each act is made to the incident as it is then, so that nobody's is lost.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::{Timestamp, civil::Date};
use seaworthy_records::{ActionItem, Entry as TimelineEntry, Incident};
use serde::Deserialize;

use super::one::render;
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Kept, NotTaken},
    state::App,
    web::{records::Refusal, time},
};

/// A form that was not taken, with what was typed.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub(super) refusal: Refusal,
    pub(super) noted: Noted,
    pub(super) item: NewItem,
}

/// The form of the timeline, and of what ends an incident or opens it again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Noted {
    pub(super) at: String,
    pub(super) text: String,
}

/// The form of an action item.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewItem {
    pub(super) item: String,
    pub(super) owner: String,
    pub(super) due: String,
}

/// The form that says that an action item is done, or is not.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Settled {
    act: String,
}

/// Writes into the timeline; without a time, it happens now.
pub(crate) async fn note(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(noted): Form<Noted>,
) -> Result<Response, Problem> {
    let done = match when(&app, &caller, &noted) {
        Ok(at) => {
            let entry = entry(&caller, at, &noted.text);
            amend(&app, &caller, id, |incident| {
                need(&entry.text, "text", "the entry is empty; write what happened")?;
                incident.timeline.push(entry.clone());
                Ok(())
            })
            .await
        }
        Err(error) => Err(error),
    };
    told(&app, &caller, id, done, Refused { noted, ..Refused::default() }).await
}

/// It is over.
pub(crate) async fn resolve(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(noted): Form<Noted>,
) -> Result<Response, Problem> {
    let done = match when(&app, &caller, &noted) {
        Ok(at) => {
            let said = with("Resolved", &noted.text);
            amend(&app, &caller, id, |incident| {
                if incident.resolved_at.is_none() {
                    // A field knows minutes: of an incident that began within this one it is over as it began.
                    incident.resolved_at = Some(at.max(incident.started_at));
                    incident.timeline.push(entry(&caller, at, &said));
                }
                Ok(())
            })
            .await
        }
        Err(error) => Err(error),
    };
    told(&app, &caller, id, done, Refused { noted, ..Refused::default() }).await
}

/// It was not over.
pub(crate) async fn reopen(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(noted): Form<Noted>,
) -> Result<Response, Problem> {
    let now = app.clock().now();
    let said = with("Opened again", &noted.text);
    let done = amend(&app, &caller, id, |incident| {
        if incident.resolved_at.take().is_some() {
            incident.timeline.push(entry(&caller, now, &said));
        }
        Ok(())
    })
    .await;
    told(&app, &caller, id, done, Refused { noted, ..Refused::default() }).await
}

/// Something is to be done so that it does not come again.
pub(crate) async fn add_item(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(item): Form<NewItem>,
) -> Result<Response, Problem> {
    let done = match read(&item) {
        Ok(made) => {
            amend(&app, &caller, id, |incident| {
                incident.action_items.push(made.clone());
                Ok(())
            })
            .await
        }
        Err(error) => Err(error),
    };
    told(&app, &caller, id, done, Refused { item, ..Refused::default() }).await
}

/// It was done, or was not. Items count from 1 and are never taken out, so a number means the same for everybody.
pub(crate) async fn settle_item(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((id, number)): Path<(i64, usize)>,
    Form(Settled { act }): Form<Settled>,
) -> Result<Response, Problem> {
    let now = app.clock().now();
    let done = amend(&app, &caller, id, |incident| {
        let items = incident.action_items.len();
        let item = number.checked_sub(1).and_then(|index| incident.action_items.get_mut(index));
        let item = item.ok_or_else(|| {
            NotTaken::wrong("", format!("there is no action item {number}; the incident has {items}"))
        })?;
        match act.as_str() {
            "done" => item.done_at = item.done_at.or(Some(now)),
            "undo" => item.done_at = None,
            _ => return Err(NotTaken::wrong("", format!("{act:?} is neither done nor undo"))),
        }
        Ok(())
    })
    .await;
    told(&app, &caller, id, done, Refused::default()).await
}

fn when(app: &App, caller: &Caller, noted: &Noted) -> Result<Timestamp, NotTaken> {
    let now = app.clock().now();
    match noted.at.trim() {
        "" => Ok(now),
        text => {
            let at = time::read(text, &caller.preferences().zone).ok_or_else(|| {
                NotTaken::wrong("at", format!("{text:?} is not a time; write for example 2026-11-20T14:30"))
            })?;
            if at > now {
                return Err(NotTaken::wrong("at", "it has not happened yet; write when it did"));
            }
            Ok(at)
        }
    }
}

fn read(typed: &NewItem) -> Result<ActionItem, NotTaken> {
    need(&typed.item, "item", "the action item is empty; write what is to be done")?;
    let due = match typed.due.trim() {
        "" => None,
        text => Some(text.parse::<Date>().map_err(|_| {
            NotTaken::wrong("due", format!("{text:?} is not a day; write for example 2026-12-24"))
        })?),
    };
    let owner = Some(typed.owner.trim().to_owned()).filter(|owner| !owner.is_empty());
    Ok(ActionItem { text: typed.item.trim().to_owned(), owner, due, done_at: None })
}

fn need(text: &str, field: &str, message: &str) -> Result<(), NotTaken> {
    if text.trim().is_empty() { Err(NotTaken::wrong(field, message)) } else { Ok(()) }
}

fn with(what: &str, why: &str) -> String {
    match why.trim() {
        "" => format!("{what}."),
        why => format!("{what}: {why}"),
    }
}

fn entry(caller: &Caller, at: Timestamp, text: &str) -> TimelineEntry {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    TimelineEntry { at, by: caller.person().login.clone(), text }
}

async fn amend(
    app: &App,
    caller: &Caller,
    id: i64,
    mut act: impl FnMut(&mut Incident) -> Result<(), NotTaken>,
) -> Result<(), NotTaken> {
    records::amend::<Incident>(app, &caller.actor(), id, |entry| act(&mut entry.body)).await.map(drop)
}

/// Back to the incident; or the incident with the form as it was typed, and what is wrong with it.
async fn told(
    app: &App,
    caller: &Caller,
    id: i64,
    done: Result<(), NotTaken>,
    typed: Refused,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to(&Incident::page(id)).into_response()),
        Err(error) => {
            let refused = Refused { refusal: Refusal::of(error)?, ..typed };
            let status = refused.refusal.status();
            render(app, caller, id, &refused, status).await
        }
    }
}
