//! What follows from the builds that instances tell of, and from how instances ended.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{Deploy, DeployKind};
use seaworthy_checklist::{Fact, Source, Value};

use super::{Found, count};
use crate::{readiness::known::Known, web::link};

/// What the facts of one kind of deploy are called, and how far they look back.
struct Kind {
    kind: DeployKind,
    days: i64,
    how_many: &'static str,
    at: &'static str,
    minutes: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        kind: DeployKind::Deploy,
        days: 90,
        how_many: "deploys_90d",
        at: "latest_deploy_at",
        minutes: "latest_deploy_minutes",
    },
    Kind {
        kind: DeployKind::Rollback,
        days: 180,
        how_many: "rollbacks_180d",
        at: "latest_rollback_at",
        minutes: "latest_rollback_minutes",
    },
];

pub(super) fn add(known: &Known, found: &mut Found) {
    let page = link::with_query("/deploys", &[("service", &known.service)]);
    // Of a service that nobody tells of, nobody knows whether it was deployed.
    if !known.instances.is_empty() || !known.deploys.is_empty() {
        KINDS.iter().for_each(|kind| deploys(known, kind, &page, found));
    }
    let latest = known.shutdowns.first();
    if let Some(latest) = latest {
        let clean = known.shutdowns.iter().take_while(|shutdown| shutdown.clean).count();
        let fact = Fact::new(count(clean), latest.at, Source::CheckIn).link(page);
        let build = Some(latest.build.version.clone()).filter(|version| !version.is_empty());
        found.add("clean_drains_in_a_row", Fact { build, ..fact });
    }
}

fn deploys(known: &Known, kind: &Kind, page: &str, found: &mut Found) {
    let fact = |value: Value, seen_at| Fact::new(value, seen_at, Source::CheckIn).link(page);
    let of_kind = || known.deploys.iter().filter(|deploy| deploy.kind == kind.kind);
    let since = known.now - SignedDuration::from_hours(24 * kind.days);
    let recent: Vec<&Deploy> = of_kind().filter(|deploy| deploy.started_at >= since).collect();
    let latest = recent.iter().map(|deploy| deploy.ended_at.unwrap_or(deploy.started_at)).max();
    found.add(kind.how_many, fact(count(recent.len()), latest.unwrap_or(known.now).min(known.now)));
    let ended = of_kind().filter_map(|deploy| Some((deploy.ended_at?, deploy.started_at)));
    if let Some((ended_at, started_at)) = ended.filter(|(end, _)| *end <= known.now).max() {
        found.add(kind.at, fact(ended_at.into(), ended_at));
        found.add(kind.minutes, fact(Value::Float(minutes(started_at, ended_at)), ended_at));
    }
}

fn minutes(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0) / 60.0
}
