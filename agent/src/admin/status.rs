//! `/status`: health in the form of health-go.
//!
//! Source: <https://github.com/hellofresh/health-go>, type `Check`. Its `system` speaks of the Go runtime; ours of what
//! a Rust process has.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use seaworthy_protocol::{CheckResult, Figures, Health, HealthStatus};
use serde::Serialize;

use crate::Handle;

#[derive(Serialize)]
pub(super) struct Status {
    status: HealthStatus,
    timestamp: Timestamp,
    /// Why, by the name of the check.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    failures: BTreeMap<String, String>,
    system: Figures,
    component: Component,
}

#[derive(Serialize)]
struct Component {
    name: String,
    version: String,
}

pub(super) async fn status(State(handle): State<Handle>) -> (StatusCode, Json<Status>) {
    let identity = &handle.shared.identity;
    let health = handle.shared.health.snapshot();
    let code = match health.status {
        HealthStatus::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        HealthStatus::Ok | HealthStatus::PartiallyAvailable => StatusCode::OK,
    };
    let status = Status {
        status: health.status,
        timestamp: Timestamp::now(),
        failures: failures(health),
        system: handle.shared.figures.sample(),
        component: Component { name: identity.service.clone(), version: identity.build.version.clone() },
    };
    (code, Json(status))
}

fn failures(health: Health) -> BTreeMap<String, String> {
    let failures = health.checks.into_iter().filter_map(|check| match check.result {
        CheckResult::Fail { reason } => Some((check.name, reason)),
        CheckResult::Pass | CheckResult::Pending => None,
    });
    failures.collect()
}
