//! `/livez` and `/readyz`.

use axum::{Json, extract::State};
use http::StatusCode;
use seaworthy_protocol::InstanceState;
use serde::Serialize;

use crate::{Handle, health::obstacles, shared::Shared};

#[derive(Serialize)]
pub(super) struct Readiness {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// That it answers is the answer.
pub(super) async fn livez(State(handle): State<Handle>) -> Json<Readiness> {
    handle.shared.observed.liveness_asked.now();
    Json(Readiness { status: "alive", reasons: Vec::new() })
}

pub(super) async fn readyz(State(handle): State<Handle>) -> (StatusCode, Json<Readiness>) {
    handle.shared.observed.readiness_asked.now();
    let reasons = reasons(&handle.shared);
    match reasons.is_empty() {
        true => (StatusCode::OK, Json(Readiness { status: "ready", reasons })),
        false => (StatusCode::SERVICE_UNAVAILABLE, Json(Readiness { status: "not ready", reasons })),
    }
}

/// Why the instance wants no requests.
fn reasons(shared: &Shared) -> Vec<String> {
    let own = match (shared.drain.state(), shared.drain.wants_requests()) {
        (InstanceState::Running, true) => None,
        (InstanceState::Running, false) => Some("the service is not ready yet".to_owned()),
        _ => Some("draining".to_owned()),
    };
    own.into_iter().chain(obstacles(&shared.health.snapshot())).collect()
}
