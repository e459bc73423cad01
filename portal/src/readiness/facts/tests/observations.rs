//! What agents observe of their process.

use seaworthy_catalog::Instance;
use seaworthy_checklist::Value;
use seaworthy_protocol::{AdminAccess, Observations, Probes};

use super::{check_in::complete, nobody, value};
use crate::{
    readiness::{facts::gather, known::Known},
    view::health::tests::ago,
};

/// Instances of which each is changed by one of these.
pub(super) fn changed(changes: &[fn(&mut Instance)]) -> Known {
    let one = |(number, change): (usize, &fn(&mut Instance))| {
        let mut one = complete();
        one.check_in.instance = format!("till-{number}");
        change(&mut one);
        one
    };
    Known { instances: changes.iter().enumerate().map(one).collect(), ..nobody() }
}

#[test]
fn who_does_not_tell_may_be_anything() {
    const WORKERS: &str = "instances_with_more_workers_than_cpus";
    const ROOT: &str = "instances_run_by_root";
    const PANICS: &str = "instances_without_panic_capture";
    const ADMIN: &str = "instances_with_open_admin";
    let fine = |_: &mut Instance| {};
    let silent = |one: &mut Instance| one.check_in.observations = Observations::default();
    let root = |one: &mut Instance| one.check_in.observations.runs_as_root = Some(true);
    let uncaught = |one: &mut Instance| one.check_in.observations.captures_panics = Some(false);
    let too_many = |one: &mut Instance| one.check_in.observations.worker_threads = Some(3);
    let fits = |one: &mut Instance| one.check_in.observations.recommended_worker_threads = Some(2);
    let pinned = |one: &mut Instance| one.check_in.observations.recommended_worker_threads = Some(1);
    let with_token = |one: &mut Instance| one.check_in.observations.admin = Some(AdminAccess::Token);
    let mounted = |one: &mut Instance| one.check_in.observations.admin = Some(AdminAccess::Mounted);
    let open = |one: &mut Instance| one.check_in.process.admin_address = "0.0.0.0:9000".into();
    let part_of_a_core = |one: &mut Instance| one.check_in.figures.cpu_limit_cores = Some(1.1);
    let unlimited = |one: &mut Instance| one.check_in.figures.cpu_limit_cores = None;
    for (changes, name, expected) in [
        (vec![fine, fine as fn(&mut Instance)], ROOT, Some(vec![])),
        (vec![fine, silent], ROOT, None),
        (vec![root, silent, fine], ROOT, Some(vec!["till-0"])),
        (vec![fine, fine], PANICS, Some(vec![])),
        (vec![fine, silent], PANICS, None),
        (vec![uncaught, silent], PANICS, Some(vec!["till-0"])),
        (vec![fine, silent], WORKERS, None),
        (vec![fine, unlimited], WORKERS, None),
        (vec![part_of_a_core], WORKERS, Some(vec![])),
        (vec![too_many, silent], WORKERS, Some(vec!["till-0"])),
        (vec![fits, pinned], WORKERS, Some(vec!["till-1"])),
        (vec![fine, with_token], ADMIN, Some(vec![])),
        (vec![with_token, mounted], ADMIN, None),
        (vec![open, mounted], ADMIN, Some(vec!["till-0"])),
    ] {
        assert_eq!(value(&changed(&changes), name), expected.map(Value::list), "{name}");
    }
}

#[test]
fn a_probe_asks_every_instance_and_its_age_does_not_depend_on_clocks() {
    let fine = |_: &mut Instance| {};
    let ahead = |one: &mut Instance| {
        one.check_in.sent_at = ago(-3_600);
        one.check_in.observations.probes =
            Some(Probes { liveness_asked_at: Some(ago(-3_590)), readiness_asked_at: None });
    };
    let never = |one: &mut Instance| one.check_in.observations.probes = Some(Probes::default());
    let just_started = |one: &mut Instance| {
        one.check_in.observations.probes = Some(Probes::default());
        one.check_in.process.started_at = ago(40);
    };
    let silent = |one: &mut Instance| one.check_in.observations.probes = None;
    let hostile = |one: &mut Instance| {
        one.check_in.observations.probes =
            Some(Probes { liveness_asked_at: Some(jiff::Timestamp::MIN), readiness_asked_at: None });
        one.check_in.sent_at = jiff::Timestamp::MAX;
    };
    let seen = |changes: &[fn(&mut Instance)]| {
        let facts = gather(&changed(changes));
        facts.get("liveness_asked").map(|fact| (fact.value.clone(), fact.seen_at))
    };
    let yes = |seconds| Some((Value::Bool(true), ago(seconds)));
    assert_eq!(seen(&[fine]), yes(7));
    assert_eq!(seen(&[fine, ahead]), yes(15), "it was sent 5 s ago, and asked for 10 s before");
    assert_eq!(seen(&[fine, never]), Some((Value::Bool(false), ago(5))));
    assert_eq!(seen(&[fine, just_started]), yes(7));
    assert_eq!(seen(&[just_started]), None);
    assert_eq!(seen(&[fine, silent]), None);
    assert_eq!(seen(&[hostile]), Some((Value::Bool(true), jiff::Timestamp::MIN)));
}
