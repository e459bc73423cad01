//! Profiles.

use seaworthy_checklist::Value;
use seaworthy_telemetry::profile::LastProfile;

use super::{check_in::complete, nobody};
use crate::{
    readiness::{facts::gather, known::Known},
    view::health::tests::ago,
};

#[test]
fn profiles_are_of_the_build_that_runs_or_said_to_be_of_another() {
    let last = |version: &str, kind: &str, seconds| LastProfile {
        service: "reception".into(),
        version: version.into(),
        commit: String::new(),
        kind: kind.into(),
        taken_at: crate::view::range::nanos(ago(seconds)),
    };
    let known = |profiles: Vec<LastProfile>| Known { profiles, instances: vec![complete()], ..nobody() };
    let fact = |known: &Known| gather(known).get("profile_kinds").cloned();
    let own =
        fact(&known(vec![last("1.8.1", "heap", 10), last("1.8.2", "cpu", 90), last("1.8.2", "tasks", 60)]));
    let own = own.unwrap();
    assert_eq!((own.value, own.build.as_deref()), (Value::list(["cpu", "tasks"]), Some("1.8.2")));
    assert_eq!(own.seen_at, ago(60));
    let before = fact(&known(vec![last("1.8.0", "cpu", 900), last("1.8.1", "heap", 100)])).unwrap();
    assert_eq!((before.value, before.build.as_deref()), (Value::list(["heap"]), Some("1.8.1")));
    assert!(fact(&known(vec![])).is_none(), "its agent takes no commands");
    let mut able = known(vec![]);
    able.instances[0].check_in.observations.profiles = Some(vec![]);
    let none = fact(&able).unwrap();
    assert_eq!((none.value, none.build.as_deref()), (Value::list(Vec::<String>::new()), Some("1.8.2")));
}
