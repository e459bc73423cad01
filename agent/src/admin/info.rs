//! `/version` and `/info`.

use axum::{Json, extract::State};
use jiff::Timestamp;
use seaworthy_protocol::Build;
use serde::Serialize;

use crate::Handle;

#[derive(Serialize)]
pub(super) struct Version {
    service: String,
    #[serde(flatten)]
    build: Build,
}

#[derive(Serialize)]
pub(super) struct Info {
    #[serde(flatten)]
    version: Version,
    environment: String,
    instance: String,
    host: String,
    pid: u32,
    started_at: Timestamp,
    now: Timestamp,
    uptime_seconds: i64,
}

pub(super) async fn version(State(handle): State<Handle>) -> Json<Version> {
    Json(version_of(&handle))
}

pub(super) async fn info(State(handle): State<Handle>) -> Json<Info> {
    let (identity, now) = (&handle.shared.identity, Timestamp::now());
    Json(Info {
        version: version_of(&handle),
        environment: identity.environment.clone(),
        instance: identity.instance.clone(),
        host: identity.process.host.clone(),
        pid: identity.process.pid,
        started_at: identity.process.started_at,
        now,
        uptime_seconds: now.duration_since(identity.process.started_at).as_secs(),
    })
}

fn version_of(handle: &Handle) -> Version {
    let identity = &handle.shared.identity;
    Version { service: identity.service.clone(), build: identity.build.clone() }
}
