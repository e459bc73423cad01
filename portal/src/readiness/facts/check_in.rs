//! What instances say of themselves.

use std::collections::BTreeSet;

use jiff::Timestamp;
use seaworthy_catalog::Instance;
use seaworthy_checklist::{Fact, Source, Value};
use seaworthy_protocol::{Check, CheckIn, CheckResult};

use super::{Found, count, names};
use crate::{readiness::known::Known, view::health::InstanceHealth, web::link};

pub(super) fn add(known: &Known, found: &mut Found) {
    dependencies(known, found);
    let speaking = known.speaking();
    let Some(seen_at) = speaking.iter().map(|instance| instance.last_seen_at).max() else { return };
    let here = link::service(&known.service);
    let fact = |value: Value| Fact::new(value, seen_at, Source::CheckIn).link(here.as_str());
    let of_build = |value: Value| Fact { build: known.build().map(str::to_owned), ..fact(value) };
    let instances = |those: fn(&CheckIn) -> bool| {
        let found = speaking.iter().filter(|instance| those(&instance.check_in));
        fact(names(found.map(|instance| &instance.check_in.instance)))
    };
    let alive = known.instances.iter().filter(|one| InstanceHealth::of(one, known.now).is_alive()).count();
    found.add("instances", Fact::new(count(alive), known.now, Source::CheckIn).link(here.as_str()));
    found.add("versions", fact(distinct(&speaking, |check_in| &check_in.build.version)));
    found.add("environments", fact(distinct(&speaking, |check_in| &check_in.environment)));
    found.add("instances_without_build_info", instances(lacks_build_info));
    found.add("instances_without_limits", instances(lacks_limits));
    let checks = |those: fn(&Check) -> bool| {
        let checks = speaking.iter().flat_map(|instance| &instance.check_in.health.checks);
        checks.filter(|check| those(check)).map(|check| check.name.as_str()).collect::<BTreeSet<_>>()
    };
    found.add("health_checks", of_build(count(checks(|_| true).len())));
    found.add("failing_health_checks", fact(names(checks(fails))));
    found.add("critical_dependencies", of_build(names(checks(|check| check.critical))));
}

/// How many others it calls: as many as its calls tell, or as its health checks do, which name them otherwise. A service
/// without either calls nobody only if its spans would tell.
fn dependencies(known: &Known, found: &mut Found) {
    let speaking = known.speaking();
    let checks = speaking.iter().flat_map(|instance| &instance.check_in.health.checks);
    let checks = checks.map(|check| check.name.as_str()).collect::<BTreeSet<_>>().len();
    let observed = known.observed.as_ref().filter(|observed| observed.links.spans > 0);
    let called = observed.map(|observed| (observed.outbound.len(), observed.at));
    let said: Option<(usize, Timestamp)> = speaking
        .iter()
        .map(|instance| instance.last_seen_at)
        .max()
        .filter(|_| checks > 0)
        .map(|seen_at| (checks, seen_at));
    let Some((most, seen_at)) = [called, said].into_iter().flatten().max() else { return };
    let fact = Fact::new(count(most), seen_at, Source::CheckIn).link(link::service(&known.service));
    found.add("dependencies", fact);
}

fn lacks_build_info(check_in: &CheckIn) -> bool {
    let build = &check_in.build;
    build.version.is_empty() || build.commit.is_empty() || build.built_at.is_none()
}

fn lacks_limits(check_in: &CheckIn) -> bool {
    let figures = &check_in.figures;
    figures.cpu_limit_cores.is_none() || figures.memory_limit_bytes.is_none()
}

fn fails(check: &Check) -> bool {
    matches!(check.result, CheckResult::Fail { .. })
}

/// What instances say, each once and nothing that is empty, in their order.
fn distinct(instances: &[&Instance], what: fn(&CheckIn) -> &String) -> Value {
    let mut seen = BTreeSet::new();
    let said = instances.iter().map(|instance| what(&instance.check_in));
    names(said.filter(|text| !text.is_empty() && seen.insert(text.as_str())))
}
