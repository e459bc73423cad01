//! What the portal asks with its replies to check-ins.

use std::{collections::HashMap, io::Read, time::Duration};

use flate2::read::GzDecoder;
use prost::Message;
use seaworthy_agent::{Agent, Builder};
use seaworthy_protocol::{CommandReport, ProfileKind, ReportedState, pprof::Profile};

use crate::{
    Portal, agent, eventually,
    portal::{CHECK_IN, PROFILES, Reply},
};

/// A portal that asks this with its first reply, and an agent that hears of it.
fn asked(portal: &Portal, commands: &str) -> Agent {
    ask(portal, commands, agent(portal))
}

fn ask(portal: &Portal, commands: &str, agent: Builder) -> Agent {
    let reply = format!(r#"{{"next_in_seconds":1,"commands":[{commands}]}}"#);
    portal.script(CHECK_IN, [Reply::TakeSaying(reply.into_bytes())]);
    agent.version("1.8.2").check_in_interval(Duration::from_millis(50)).start().unwrap()
}

fn reports(portal: &Portal, id: u64) -> Vec<CommandReport> {
    let memory = portal.memory();
    let reports = memory.check_ins.iter().flat_map(|check_in| check_in.commands.clone());
    reports.filter(|report| report.id == id).collect()
}

fn ended(portal: &Portal, id: u64) -> CommandReport {
    let is_over = |report: &CommandReport| report.state != ReportedState::Underway;
    eventually("the command is over", || reports(portal, id).iter().any(is_over));
    reports(portal, id).into_iter().find(is_over).unwrap()
}

fn read(body: &[u8]) -> Profile {
    let mut plain = Vec::new();
    GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    Profile::decode(&*plain).unwrap()
}

#[test]
fn profiles_are_taken_uploaded_and_told_of() {
    let portal = Portal::start();
    let heap = r#"{"id":7,"order":{"type":"capture","kind":"heap","seconds":1}}"#;
    let tasks = r#"{"id":8,"order":{"type":"capture","kind":"tasks","seconds":0}}"#;
    let agent = asked(&portal, &format!("{heap},{tasks}"));
    for id in [7, 8] {
        assert_eq!(ended(&portal, id).state, ReportedState::Done, "{:?}", reports(&portal, id));
    }
    let seen: Vec<_> = reports(&portal, 7).iter().filter_map(|report| report.percent).collect();
    assert!(seen.is_sorted() && !seen.is_empty(), "{seen:?}");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(reports(&portal, 8).iter().filter(|report| report.state == ReportedState::Done).count(), 1);
    let instance = portal.memory().check_ins[0].instance.clone();
    drop(agent);
    assert_eq!(portal.attempts(PROFILES).len(), 2);
    for (attempt, body) in portal.attempts(PROFILES).iter().zip(&portal.memory().profiles) {
        let query: HashMap<_, _> = url::form_urlencoded::parse(attempt.query.as_bytes()).collect();
        let of = |name: &str| query[name].as_ref();
        assert_eq!((of("service"), of("instance"), of("version")), ("reception", instance.as_str(), "1.8.2"));
        let kind = ProfileKind::parse(of("kind")).unwrap();
        assert_eq!(of("command"), if kind == ProfileKind::Heap { "7" } else { "8" });
        assert!(of("taken_at").parse::<jiff::Timestamp>().is_ok());
        assert_eq!(attempt.headers["content-type"], "application/octet-stream");
        assert!(!read(body).sample_type.is_empty());
    }
}

#[test]
fn an_upload_is_tried_again_and_not_for_ever() {
    let portal = Portal::start();
    portal.script(PROFILES, [Reply::Status(503), Reply::Status(429)]);
    let agent = asked(&portal, r#"{"id":1,"order":{"type":"capture","kind":"tasks","seconds":0}}"#);
    assert_eq!(ended(&portal, 1).state, ReportedState::Done);
    assert_eq!(portal.attempts(PROFILES).len(), 3);
    assert_eq!(portal.memory().profiles.len(), 1);
    drop(agent);
}

#[test]
fn what_cannot_be_done_is_told_with_its_reason() {
    let portal = Portal::start();
    portal.always(PROFILES, Reply::Status(413));
    let commands = [
        r#"{"id":1,"order":{"type":"capture","kind":"cpu","seconds":3600}}"#,
        r#"{"id":2,"order":{"type":"sing","song":"shanty"}}"#,
        r#"{"id":3,"order":{"type":"capture","kind":"tasks","seconds":0}}"#,
    ];
    let agent = asked(&portal, &commands.join(","));
    let too_long = ended(&portal, 1);
    assert_eq!(too_long.state, ReportedState::Failed);
    assert!(too_long.detail.contains("3600"), "{too_long:?}");
    assert_eq!(ended(&portal, 2).state, ReportedState::NotUnderstood);
    let refused = ended(&portal, 3);
    assert!(refused.state == ReportedState::Failed && refused.detail.contains("413"), "{refused:?}");
    assert_eq!(agent.losses().iter().map(|loss| loss.count).sum::<u64>(), 1, "{:?}", agent.losses());
}

#[test]
fn nothing_is_done_where_the_service_takes_no_commands() {
    let portal = Portal::start();
    let commands = [
        r#"{"id":1,"order":{"type":"capture","kind":"tasks","seconds":0}}"#,
        r#"{"id":2,"order":{"type":"log_filter","filter":"debug","for_seconds":600}}"#,
    ];
    let agent = ask(&portal, &commands.join(","), agent(&portal).commands(false));
    for id in [1, 2] {
        let refused = ended(&portal, id);
        assert!(
            refused.state == ReportedState::Failed && refused.detail.contains("SEAWORTHY_COMMANDS"),
            "{refused:?}"
        );
    }
    assert!(portal.attempts(PROFILES).is_empty());
    let filters = portal
        .memory()
        .check_ins
        .iter()
        .filter_map(|check_in| check_in.observations.log_filter.clone())
        .collect::<Vec<_>>();
    assert!(filters.iter().all(|told| told.until.is_none()), "{filters:?}");
    drop(agent);
}

#[test]
fn what_is_underway_when_the_instance_ends_is_told() {
    let portal = Portal::start();
    let agent = asked(&portal, r#"{"id":1,"order":{"type":"capture","kind":"heap","seconds":600}}"#);
    eventually("it is underway", || !reports(&portal, 1).is_empty());
    drop(agent);
    let last = reports(&portal, 1).pop().unwrap();
    assert_eq!(last.state, ReportedState::Failed);
    assert!(last.detail.contains("ended"), "{last:?}");
}

#[test]
fn the_log_filter_is_changed_for_a_while() {
    let portal = Portal::start();
    let good = r#"{"id":1,"order":{"type":"log_filter","filter":"info,sqlx=debug","for_seconds":600}}"#;
    let bad = r#"{"id":2,"order":{"type":"log_filter","filter":"info,sqlx=loud","for_seconds":600}}"#;
    let agent = asked(&portal, &format!("{good},{bad}"));
    assert_eq!(ended(&portal, 1).state, ReportedState::Done);
    let refused = ended(&portal, 2);
    assert!(refused.state == ReportedState::Failed && refused.detail.contains("sqlx=loud"), "{refused:?}");
    eventually("the filter in force is told", || {
        let last =
            portal.memory().check_ins.last().and_then(|check_in| check_in.observations.log_filter.clone());
        last.is_some_and(|told| told.filter == "info,sqlx=debug" && told.until.is_some())
    });
    drop(agent);
}
