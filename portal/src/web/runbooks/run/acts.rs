//! What people do to a run. Each act is made to the run as it is then, so that nobody's is lost.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use seaworthy_records::{Mistake, Run};
use serde::Deserialize;

use super::render;
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Kept, NotTaken},
    state::App,
    web::records::Refusal,
};

/// A form that was not taken, with what was typed.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub(super) refusal: Refusal,
    /// The step that it was about.
    pub(super) step: Option<usize>,
    pub(super) note: String,
    pub(super) to: String,
    pub(super) outcome: String,
}

/// The form of a step.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Stepped {
    act: String,
    note: String,
}

/// The form that hands a run over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HandedOver {
    to: String,
    note: String,
}

/// The form that finishes a run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Finished {
    outcome: String,
}

/// Ticks a step, skips it, or takes that back. Steps count from 1, as people do.
pub(crate) async fn step(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((id, number)): Path<(i64, usize)>,
    Form(Stepped { act, note }): Form<Stepped>,
) -> Result<Response, Problem> {
    let index = number.saturating_sub(1);
    let said = note.replace("\r\n", "\n");
    let by = caller.person().login.clone();
    let done = amend(&app, &caller, id, |run, now| match act.as_str() {
        "done" => run.tick(index, &by, now, &said),
        "skip" => run.skip(index, &by, now, &said),
        "undo" => run.untick(index),
        _ => Err(Mistake {
            field: "act".to_owned(),
            message: format!("{act:?} is none of done, skip and undo"),
        }),
    })
    .await;
    let typed = Refused { step: Some(index), note, ..Refused::default() };
    told(&app, &caller, id, done, typed).await
}

/// Somebody else goes on.
pub(crate) async fn hand_over(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(HandedOver { to, note }): Form<HandedOver>,
) -> Result<Response, Problem> {
    let by = caller.person().login.clone();
    let done = amend(&app, &caller, id, |run, now| run.hand_over(&to, &by, now, &note)).await;
    told(&app, &caller, id, done, Refused { to, note, ..Refused::default() }).await
}

/// It is over.
pub(crate) async fn finish(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(Finished { outcome }): Form<Finished>,
) -> Result<Response, Problem> {
    let said = outcome.replace("\r\n", "\n");
    let done = amend(&app, &caller, id, |run, now| run.finish(now, &said)).await;
    told(&app, &caller, id, done, Refused { outcome, ..Refused::default() }).await
}

async fn amend(
    app: &App,
    caller: &Caller,
    id: i64,
    mut act: impl FnMut(&mut Run, Timestamp) -> Result<(), Mistake>,
) -> Result<(), NotTaken> {
    let now = app.clock().now();
    let change =
        |entry: &mut records::Entry<Run>| Ok(act(&mut entry.body, now).map_err(|wrong| vec![wrong])?);
    records::amend::<Run>(app, &caller.actor(), id, change).await.map(drop)
}

/// Back to the run; or the run with the form as it was typed, and what is wrong with it.
async fn told(
    app: &App,
    caller: &Caller,
    id: i64,
    done: Result<(), NotTaken>,
    typed: Refused,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to(&Run::page(id)).into_response()),
        Err(error) => {
            let refused = Refused { refusal: Refusal::of(error)?, ..typed };
            let status = refused.refusal.status();
            render(app, caller, id, &refused, status).await
        }
    }
}
