//! `/livez` and `/readyz`.

use axum::{Json, extract::State};
use http::StatusCode;
use seaworthy_protocol::{Check, CheckResult, InstanceState};
use serde::Serialize;

use crate::{Handle, shared::Shared};

#[derive(Serialize)]
pub(super) struct Readiness {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// That it answers is the answer.
pub(super) async fn livez() -> Json<Readiness> {
    Json(Readiness { status: "alive", reasons: Vec::new() })
}

pub(super) async fn readyz(State(handle): State<Handle>) -> (StatusCode, Json<Readiness>) {
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
    own.into_iter().chain(shared.health.snapshot().checks.iter().filter_map(not_passed)).collect()
}

/// Only critical checks matter here. What they say stays behind `/status`, which can ask for a token.
fn not_passed(check: &Check) -> Option<String> {
    match check.result {
        _ if !check.critical => None,
        CheckResult::Pass => None,
        CheckResult::Pending => Some(format!("{} has not been checked yet", check.name)),
        CheckResult::Fail { .. } => Some(format!("{} fails", check.name)),
    }
}
