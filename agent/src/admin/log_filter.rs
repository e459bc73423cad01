//! `/debug/log-filter`: which lines are logged, and for how long by another filter.

use std::time::Duration;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use crate::Handle;

/// Unless it is said otherwise.
const USUAL_TIME: Duration = Duration::from_secs(600);

#[derive(Deserialize)]
pub(super) struct Change {
    filter: String,
    #[serde(rename = "for")]
    time: Option<String>,
}

/// The filter in force.
pub(super) async fn get(State(handle): State<Handle>) -> Response {
    Json(handle.shared.log_filter.in_force()).into_response()
}

/// Logs by another filter for a while.
pub(super) async fn put(
    State(handle): State<Handle>,
    change: Result<Query<Change>, QueryRejection>,
) -> Response {
    let Query(change) = match change {
        Ok(change) => change,
        Err(rejection) => return refused(&rejection.body_text()),
    };
    let time = match change.time.as_deref().map(duration) {
        None => USUAL_TIME,
        Some(Ok(time)) => time,
        Some(Err(detail)) => return refused(&detail),
    };
    match handle.shared.log_filter.change(&change.filter, time) {
        Ok(_) => get(State(handle)).await,
        Err(error) => refused(&error.to_string()),
    }
}

/// The filter of before, at once.
pub(super) async fn delete(State(handle): State<Handle>) -> Response {
    handle.shared.log_filter.change_back();
    get(State(handle)).await
}

/// `90s`, `10m`, `2h 30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    parsed.ok_or_else(|| format!("for is {text:?}, but must be a time such as 90s, 10m or 2h"))
}

fn refused(detail: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "detail": detail }))).into_response()
}
