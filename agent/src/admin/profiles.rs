//! `/debug/pprof/…`: profiles, as `go tool pprof` reads them.

use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use crate::{
    cpu,
    profiles::{self, NotTaken, USUAL_HERTZ},
    tasks::Form,
};

#[derive(Deserialize)]
pub(super) struct HeapQuery {
    #[serde(default)]
    seconds: u64,
}

#[derive(Deserialize)]
pub(super) struct CpuQuery {
    seconds: Option<u64>,
    hz: Option<u32>,
}

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

/// What is in use and was allocated since the process began; with `seconds`, how that changes over so long from now.
pub(super) async fn heap(query: Result<Query<HeapQuery>, QueryRejection>) -> Response {
    match query {
        Ok(Query(HeapQuery { seconds })) => file("heap", profiles::heap(seconds).await),
        Err(rejection) => refused(StatusCode::BAD_REQUEST, &rejection.body_text()),
    }
}

/// Where the CPU time goes from now on: 30 s at 100 samples in a second unless told otherwise.
pub(super) async fn cpu(query: Result<Query<CpuQuery>, QueryRejection>) -> Response {
    match query {
        Ok(Query(CpuQuery { seconds, hz })) => {
            file("cpu", profiles::cpu(seconds.unwrap_or(30), hz.unwrap_or(USUAL_HERTZ)).await)
        }
        Err(rejection) => refused(StatusCode::BAD_REQUEST, &rejection.body_text()),
    }
}

/// What all tasks do now.
pub(super) async fn tasks(query: Result<Query<TasksQuery>, QueryRejection>) -> Response {
    let TasksQuery { debug, stacks } = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return refused(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    let (form, media_type) = match debug {
        0 => (Form::Profile, "application/octet-stream"),
        1 => (Form::Grouped, "text/plain; charset=utf-8"),
        2 => (Form::Blocks, "text/plain; charset=utf-8"),
        _ => {
            let detail =
                format!("debug is {debug}, but must be 0 (for go tool pprof), 1 (grouped) or 2 (one by one)");
            return refused(StatusCode::BAD_REQUEST, &detail);
        }
    };
    match profiles::tasks(form, stacks).await {
        Ok(dump) => ([(header::CONTENT_TYPE, media_type)], dump.body).into_response(),
        Err(why) => not_taken(&why),
    }
}

fn file(kind: &str, profile: Result<Vec<u8>, NotTaken>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{kind}.pb.gz\"")),
    ];
    match profile {
        Ok(profile) => (headers, profile).into_response(),
        Err(why) => not_taken(&why),
    }
}

fn not_taken(why: &NotTaken) -> Response {
    let status = match why {
        NotTaken::Asked(_) => StatusCode::BAD_REQUEST,
        NotTaken::NotSetUp(_) => StatusCode::NOT_FOUND,
        NotTaken::Busy(_) | NotTaken::Cpu(cpu::Error::Taken) => StatusCode::CONFLICT,
        NotTaken::Cpu(cpu::Error::NotHere) => StatusCode::NOT_IMPLEMENTED,
        NotTaken::Cpu(_) | NotTaken::NoThread => StatusCode::SERVICE_UNAVAILABLE,
    };
    refused(status, &why.to_string())
}

fn refused(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail }))).into_response()
}
