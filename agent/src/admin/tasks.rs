//! `/debug/pprof/tasks`.

use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use crate::{
    aside::aside,
    tasks::{Form, dump},
};

#[derive(Deserialize)]
pub(super) struct TasksQuery {
    /// As Go's profiles have it: 0 for a program, 1 and 2 for people.
    #[serde(default)]
    debug: u8,
    #[serde(default = "yes")]
    stacks: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn tasks(query: Result<Query<TasksQuery>, QueryRejection>) -> Response {
    let TasksQuery { debug, stacks } = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return refused(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    let (form, kind) = match debug {
        0 => (Form::Profile, "application/octet-stream"),
        1 => (Form::Grouped, "text/plain; charset=utf-8"),
        2 => (Form::Blocks, "text/plain; charset=utf-8"),
        _ => {
            let detail =
                format!("debug is {debug}, but must be 0 (for go tool pprof), 1 (grouped) or 2 (one by one)");
            return refused(StatusCode::BAD_REQUEST, &detail);
        }
    };
    match aside("seaworthy-tasks", move |_| dump(form, stacks)).await {
        Some(Some(body)) => ([(header::CONTENT_TYPE, kind)], body).into_response(),
        Some(None) => {
            refused(StatusCode::CONFLICT, "a dump of tasks is being taken; try again when it is done")
        }
        None => {
            refused(StatusCode::SERVICE_UNAVAILABLE, "the dump could not be made: the system gave no thread")
        }
    }
}

fn refused(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail }))).into_response()
}
