//! What runs now.

use jiff::Timestamp;
use seaworthy_catalog::Instance;

use super::{health::InstanceHealth, range::last_minutes};
use crate::{problem::Problem, state::App};

/// The version that a service runs: of several the one that was started last; none where no instance has said.
pub(crate) async fn build(app: &App, service: &str) -> Result<Option<String>, Problem> {
    Ok(newest(&app.catalog().instances(service).await?, app.clock().now()))
}

/// Of instances that come latest start first.
fn newest(instances: &[Instance], now: Timestamp) -> Option<String> {
    let alive = instances.iter().filter(|instance| InstanceHealth::of(instance, now).is_alive());
    let versions = alive.map(|instance| instance.check_in.build.version.as_str());
    versions.into_iter().find(|version| !version.is_empty()).map(str::to_owned)
}

/// Something that a service needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// By the name that the service reports it under.
    pub(crate) name: String,
    /// Whether the service says that it cannot do without.
    pub(crate) critical: bool,
}

/// What a service depends on, as far as is known: its health checks, critical ones first, then whom its calls of a day reached.
pub(crate) async fn dependencies(app: &App, service: &str) -> Result<Vec<Dependency>, Problem> {
    let now = app.clock().now();
    let instances = app.catalog().instances(service).await?;
    let mut checks: Vec<Dependency> = instances
        .iter()
        .filter(|instance| InstanceHealth::of(instance, now).is_alive())
        .flat_map(|instance| &instance.check_in.health.checks)
        .map(|check| Dependency { name: check.name.clone(), critical: check.critical })
        .collect();
    checks.sort_by(|a, b| (!a.critical, &a.name).cmp(&(!b.critical, &b.name)));
    let called = app.telemetry().outbound(service, last_minutes(now, 24 * 60)).await?;
    let called = called.into_iter().map(|called| Dependency { name: called.peer, critical: false });
    let mut known: Vec<Dependency> = Vec::new();
    for dependency in checks.into_iter().chain(called) {
        if !known.iter().any(|one| one.name == dependency.name) {
            known.push(dependency);
        }
    }
    Ok(known)
}
