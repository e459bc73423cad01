//! Instances as their latest check-ins tell, and the builds that were seen.

use jiff::Timestamp;
use seaworthy_catalog::{Instance, SeenBuild};
use seaworthy_protocol::{Check, CheckResult};

use super::{BuildView, CheckView, InstanceView};
use crate::{
    problem::Problem,
    state::App,
    view::{health::InstanceHealth, range::seconds_since},
};

pub(super) fn instance_views(instances: Vec<Instance>, now: Timestamp) -> Vec<InstanceView> {
    let all: Vec<&Instance> = instances.iter().collect();
    let states = InstanceHealth::of_all(&all, now);
    instances.into_iter().zip(states).map(|(instance, health)| instance_view(instance, health, now)).collect()
}

fn instance_view(instance: Instance, health: InstanceHealth, now: Timestamp) -> InstanceView {
    let check_in = instance.check_in;
    let until = if health.is_alive() { now } else { instance.last_seen_at };
    InstanceView {
        id: check_in.instance,
        health,
        host: check_in.process.host,
        pid: check_in.process.pid,
        environment: check_in.environment,
        version: check_in.build.version,
        commit: check_in.build.commit,
        started_at: check_in.process.started_at,
        up_seconds: seconds_since(check_in.process.started_at, until),
        last_seen_at: instance.last_seen_at,
        figures: check_in.figures,
        worker_threads: check_in.observations.worker_threads,
        recommended_worker_threads: check_in.observations.recommended_worker_threads,
        checks: check_in.health.checks.into_iter().map(check_view).collect(),
        losses: check_in.losses,
        drain: check_in.drain,
    }
}

fn check_view(check: Check) -> CheckView {
    let (passes, reason) = match check.result {
        CheckResult::Pending => (None, String::new()),
        CheckResult::Pass => (Some(true), String::new()),
        CheckResult::Fail { reason } => (Some(false), reason),
    };
    CheckView { name: check.name, critical: check.critical, passes, reason }
}

pub(super) async fn builds(
    app: &App,
    service: &str,
    instances: &[Instance],
    now: Timestamp,
) -> Result<Vec<BuildView>, Problem> {
    let seen = app.catalog().builds(service).await?;
    let alive = |version: &str, commit: &str| {
        instances
            .iter()
            .filter(|instance| InstanceHealth::of(instance, now).is_alive())
            .filter(|instance| {
                instance.check_in.build.version == version && instance.check_in.build.commit == commit
            })
            .count()
    };
    let view = |seen: SeenBuild| BuildView {
        instances_alive: alive(&seen.build.version, &seen.build.commit),
        version: seen.build.version,
        commit: seen.build.commit,
        first_seen_at: seen.first_seen_at,
        last_seen_at: seen.last_seen_at,
    };
    Ok(seen.into_iter().map(view).collect())
}
