//! `/connections`: who is connected, and what has begun and not ended.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Handle, now};

/// Of each kind, unless more are asked for.
const LISTED: usize = 1_000;
/// What is asked for beyond it is not listed, but counted.
const MOST_LISTED: usize = 10_000;

#[derive(Deserialize)]
pub(super) struct ConnectionsQuery {
    /// As with profiles: 0 for a program, 1 for people.
    #[serde(default)]
    debug: u8,
    #[serde(default = "listed")]
    limit: usize,
}

fn listed() -> usize {
    LISTED
}

#[derive(Serialize)]
struct Connections {
    now: Timestamp,
    #[serde(flatten)]
    open: seaworthy_protocol::Now,
}

pub(super) async fn connections(
    State(handle): State<Handle>,
    query: Result<Query<ConnectionsQuery>, QueryRejection>,
) -> Response {
    let ConnectionsQuery { debug, limit } = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return refused(&rejection.body_text()),
    };
    let shared = &handle.shared;
    let (now, open) = shared.now.look(shared.recorder.as_deref(), limit.min(MOST_LISTED));
    match debug {
        0 => Json(Connections { now, open }).into_response(),
        1 => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], now::text(now, &open)).into_response(),
        _ => refused(&format!("debug is {debug}, but must be 0 (JSON) or 1 (text)")),
    }
}

fn refused(detail: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "detail": detail }))).into_response()
}
