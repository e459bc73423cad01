//! Levels among services that call each other, and falls.

use std::sync::Arc;

use seaworthy_catalog::Instance;
use seaworthy_protocol::InstanceState;
use seaworthy_telemetry::observed::{Outbound, SpanLinks};

use super::*;
use crate::{
    readiness::{
        log_lines::LogLines,
        observed::{Heard, LogRecords, Observed},
    },
    view::health::tests::{ago, instance},
};

const TEMPLATE: &str = "id: own
title: Our own
version: '1'
points:
  - title: All
    items:
      - {id: known, level: bronze, kind: evidence, question: Known?, why: W., how: H., rule: instances > 0}
      - {id: versioned, level: silver, kind: evidence, question: Versioned?, why: W., how: H., rule: size(versions) > 0}
      - {id: supported, level: silver, kind: evidence, question: Supported?, why: W., how: H.,
         rule: size(dependencies_below_level) == 0}
      - {id: never, level: gold, kind: answer, question: Gold?, why: W., how: H.}
";

fn templates() -> Templates {
    let mut templates = Templates::default();
    templates.put(Template::from_yaml(TEMPLATE).unwrap()).unwrap();
    templates
}

/// A service that calls others, and has by itself silver with a version and bronze without.
fn service(name: &str, version: &str, calls: &[&str]) -> Known {
    let running = instance(900, 1, InstanceState::Running);
    let mut check_in = running.check_in;
    check_in.service = name.to_owned();
    check_in.build.version = version.to_owned();
    let outbound = |service: &&str| Outbound {
        peer: format!("{service}:80"),
        services: vec![(*service).to_owned()],
        calls: 1,
        latest: 0,
    };
    let observed = Observed {
        at: ago(0),
        requests: None,
        links: SpanLinks { spans: 1, ..SpanLinks::default() },
        outbound: calls.iter().map(outbound).collect(),
        log_lines: LogLines::default(),
        log_records: LogRecords::default(),
        busiest: None,
        running_out: None,
        foretold_at: ago(0),
    };
    Known {
        tested: std::sync::Arc::new([]),
        now: ago(0),
        service: name.to_owned(),
        kind: String::new(),
        instances: vec![Instance { check_in, ..running }],
        slos: vec![],
        alerts: vec![],
        deploys: vec![],
        shutdowns: vec![],
        uptime: None,
        profiles: vec![],
        errors: vec![],
        heard: Heard::default(),
        observed: Some(Arc::new(observed)),
        people: BTreeMap::new(),
        recorded: Default::default(),
    }
}

fn levels(known: &[Known], kept: &AllKept) -> Vec<Option<Level>> {
    let judged = judge(known, &templates(), kept, ago(0));
    judged.iter().map(|judged| judged.assessment.level).collect()
}

#[test]
fn a_level_lasts_as_long_as_those_have_it_who_are_called() {
    const BRONZE: Option<Level> = Some(Level::Bronze);
    const SILVER: Option<Level> = Some(Level::Silver);
    let nothing = AllKept::new();
    for (what, known, expected) in [
        ("nobody is called", vec![service("a", "1", &[])], vec![SILVER]),
        ("whoever is called is no service here", vec![service("a", "1", &["else"])], vec![SILVER]),
        (
            "two who call each other rise together",
            vec![service("a", "1", &["b"]), service("b", "1", &["a"])],
            vec![SILVER, SILVER],
        ),
        (
            "what the last one lacks, all before it lack",
            vec![service("a", "1", &["b"]), service("b", "1", &["c"]), service("c", "", &[])],
            vec![BRONZE, BRONZE, BRONZE],
        ),
        (
            "also in a circle",
            vec![service("a", "1", &["b"]), service("b", "1", &["a", "c"]), service("c", "", &["b"])],
            vec![BRONZE, BRONZE, BRONZE],
        ),
        (
            "who is called by one of less loses nothing",
            vec![service("a", "", &["b"]), service("b", "1", &[])],
            vec![BRONZE, SILVER],
        ),
    ] {
        assert_eq!(levels(&known, &nothing), expected, "{what}");
    }
    let judged = judge(&[service("a", "1", &["b"]), service("b", "", &[])], &templates(), &nothing, ago(0));
    assert_eq!(
        judged[0].assessment.judgement("supported").unwrap().words,
        "dependencies below this service's level: b (asked: none)"
    );
}

#[test]
fn one_that_is_judged_alone_is_held_against_what_was_kept_of_others() {
    let kept = |level| {
        AllKept::from([(
            "b".to_owned(),
            BTreeMap::from([("own".to_owned(), Kept { level, ..Kept::default() })]),
        )])
    };
    let one = [service("a", "1", &["b"])];
    assert_eq!(levels(&one, &kept(Some(Level::Silver))), [Some(Level::Silver)]);
    assert_eq!(levels(&one, &kept(None)), [Some(Level::Bronze)]);
}

#[test]
fn a_fall_lasts_until_the_level_is_reached_again() {
    let mut kept = AllKept::new();
    let mut told = Vec::new();
    for (minute, version) in [(9, "1"), (8, ""), (7, ""), (6, "1"), (5, "")] {
        let now = ago(minute * 60);
        let mut known = service("a", version, &[]);
        known.now = now;
        for instance in &mut known.instances {
            instance.last_seen_at = now;
        }
        let judged = judge(&[known], &templates(), &kept, now);
        told.push(judged[0].glance.fell.clone().map(|fall| (fall.from, fall.at, fall.because)));
        let record = judged[0].keep(None);
        kept.insert("a".to_owned(), BTreeMap::from([("own".to_owned(), record)]));
    }
    let fall = |minute: i64| Some((Level::Silver, ago(minute * 60), vec!["versioned".to_owned()]));
    assert_eq!(told, [None, fall(8), fall(8), None, fall(5)]);
}
