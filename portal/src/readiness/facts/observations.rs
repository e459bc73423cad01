//! What agents have noticed in the processes they are guests of.
//!
//! An agent that does not tell may be one of before. While any does not, that all instances are as they should be is not
//! known; that one is not, is.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::Instance;
use seaworthy_checklist::{Fact, Source, Value};
use seaworthy_protocol::{AdminAccess, CheckIn, Observations, Probes};

use super::{Found, names};
use crate::{readiness::known::Known, web::link};

/// Nobody asks a process for its health the moment it starts.
const FIRST_PROBE: SignedDuration = SignedDuration::from_mins(1);
/// An agent of ours binds no address beyond loopback unless it has a token to ask for.
const OUR_AGENT: &str = "seaworthy-agent/";

pub(super) fn add(known: &Known, found: &mut Found) {
    let speaking = known.speaking();
    let Some(seen_at) = speaking.iter().map(|instance| instance.last_seen_at).max() else { return };
    let here = link::service(&known.service);
    let fact = |value: Value, at| Fact::new(value, at, Source::CheckIn).link(here.as_str());
    for (name, is_so) in [
        ("instances_with_more_workers_than_cpus", has_too_many_workers as fn(&Instance) -> Option<bool>),
        ("instances_with_open_admin", has_open_admin),
        ("instances_run_by_root", |instance| instance.check_in.observations.runs_as_root),
        ("instances_without_panic_capture", |instance| {
            instance.check_in.observations.captures_panics.map(|captures| !captures)
        }),
    ] {
        if let Some(those) = those(&speaking, is_so) {
            found.add(name, fact(those, seen_at));
        }
    }
    for (name, asked_at) in [
        ("liveness_asked", (|probes| probes.liveness_asked_at) as fn(Probes) -> Option<Timestamp>),
        ("readiness_asked", |probes| probes.readiness_asked_at),
    ] {
        if let Some((value, at)) = asked(&speaking, asked_at) {
            found.add(name, fact(Value::Bool(value), at));
        }
    }
}

/// The instances of which something is so; none as long as there may be others.
fn those(instances: &[&Instance], is_so: fn(&Instance) -> Option<bool>) -> Option<Value> {
    let found = instances.iter().filter(|one| is_so(one) == Some(true));
    let those = names(found.map(|one| &one.check_in.instance));
    let all_told = instances.iter().all(|one| is_so(one).is_some());
    (all_told || those != Value::List(vec![])).then_some(those)
}

/// What the agent recommends has the affinity in it; one of before tells only the quota, which may be a part of a core while a
/// worker cannot.
fn has_too_many_workers(instance: &Instance) -> Option<bool> {
    let Observations { worker_threads, recommended_worker_threads, .. } = &instance.check_in.observations;
    let by_quota = || instance.check_in.figures.cpu_limit_cores.map(f64::ceil);
    Some(f64::from((*worker_threads)?) > recommended_worker_threads.map(f64::from).or_else(by_quota)?)
}

/// Who may pass a server of the service's own, where it has mounted them, only the service knows. An agent that does not tell
/// may ask for a token where it listens beyond loopback, and one of ours does.
fn has_open_admin(instance: &Instance) -> Option<bool> {
    let check_in = &instance.check_in;
    match check_in.observations.admin {
        Some(AdminAccess::Off | AdminAccess::Loopback | AdminAccess::Token) => Some(false),
        Some(AdminAccess::Mounted | AdminAccess::Unknown) => None,
        None => Some(!has_private_address(check_in) && !check_in.agent.starts_with(OUR_AGENT)),
    }
}

fn has_private_address(check_in: &CheckIn) -> bool {
    let address = &check_in.process.admin_address;
    address.is_empty() || address.parse().is_ok_and(|address: SocketAddr| address.ip().is_loopback())
}

/// Whether every instance was asked for, and when the one that was not for the longest time was. None where that cannot be
/// known.
fn asked(instances: &[&Instance], asked_at: fn(Probes) -> Option<Timestamp>) -> Option<(bool, Timestamp)> {
    let mut all: Option<(bool, Timestamp)> = None;
    for instance in instances {
        let check_in = &instance.check_in;
        let one = match check_in.observations.probes.map(asked_at) {
            Some(Some(at)) => (true, by_our_clock(instance, at)),
            Some(None) if check_in.sent_at.duration_since(check_in.process.started_at) < FIRST_PROBE => {
                continue;
            }
            Some(None) => (false, instance.last_seen_at),
            None => return None,
        };
        all = Some(all.map_or(one, |all| all.min(one)));
    }
    all
}

/// What was so long before the check-in was sent was as long before it arrived, whatever the instance's clock says.
fn by_our_clock(instance: &Instance, at: Timestamp) -> Timestamp {
    let before = instance.check_in.sent_at.duration_since(at).max(SignedDuration::ZERO);
    instance.last_seen_at.checked_sub(before).unwrap_or(Timestamp::MIN)
}
