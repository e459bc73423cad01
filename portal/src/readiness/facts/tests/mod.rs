//! What becomes a fact, and what stays unknown: a service of which everything is known, and a module for each source.

mod alert;
mod check_in;
mod deploy;
mod errors;
mod log_lines;
mod observations;
mod profiles;
mod record;
mod slo;
mod telemetry;

use std::{collections::BTreeSet, sync::Arc};

use jiff::SignedDuration;
use seaworthy_catalog::{DeployKind, ErrorState, UptimeProbe};
use seaworthy_checklist::{Fact, KnownFact, Reported, Value};
use seaworthy_telemetry::profile::LastProfile;

use self::{
    alert::tested,
    check_in::complete,
    deploy::{deploy, shutdown},
    errors::error,
    record::recorded,
    slo::slo,
    telemetry::{observed, series},
};
use super::gather;
use crate::{
    readiness::{known::Known, observed::Heard, recorded::Recorded},
    view::health::tests::ago,
};

const DAY: i64 = 24 * 3_600;

/// What is known only while services are judged.
const ELSEWHERE: &str = "dependencies_below_level";

fn nobody() -> Known {
    Known {
        tested: Arc::new([]),
        now: ago(0),
        service: "reception".into(),
        kind: String::new(),
        instances: vec![],
        slos: vec![],
        alerts: vec![],
        deploys: vec![],
        shutdowns: vec![],
        heard: Heard::default(),
        uptime: None,
        profiles: vec![],
        observed: None,
        people: Default::default(),
        recorded: Recorded::default(),
        errors: vec![],
    }
}

/// A service of which everything is known that can be.
fn known() -> Known {
    Known {
        instances: vec![complete()],
        tested: Arc::new([tested(2 * DAY, Some(DAY), &[])]),
        slos: vec![
            slo("available", r#"{"kind":"availability"}"#, Some("https://wiki.example"), Some(-0.5)),
            slo("fast", r#"{"kind":"latency","threshold_ms":300}"#, None, Some(0.25)),
        ],
        uptime: Some(UptimeProbe {
            service: "reception".into(),
            url: "https://shop.example/livez".into(),
            at: ago(30),
            answered: true,
            status: Some(200),
            took_ms: 12,
            error: None,
            failing_since: None,
        }),
        profiles: vec![LastProfile {
            service: "reception".into(),
            version: "1.8.2".into(),
            commit: String::new(),
            kind: "cpu".into(),
            taken_at: crate::view::range::nanos(ago(600)),
        }],
        heard: Heard { requests: Some(ago(61)), outcomes: Some(ago(62)), saturation: Some(ago(63)) },
        observed: Some(observed(
            Some([series("/a", 900, false), series("/b", 100, false), series("/a", 500, true)].concat()),
            1_485,
        )),
        recorded: recorded(),
        errors: vec![
            error(8, 0, ErrorState::Open),
            error(8, 8, ErrorState::Open),
            error(1, 0, ErrorState::Open),
        ],
        deploys: vec![
            deploy(DeployKind::Rollback, 2 * DAY, None),
            deploy(DeployKind::Rollback, 3 * DAY, Some(90)),
            deploy(DeployKind::Deploy, 4 * DAY, Some(300)),
            deploy(DeployKind::Deploy, 100 * DAY, Some(60)),
        ],
        shutdowns: [true, true, false, true].map(shutdown).into(),
        ..nobody()
    }
}

fn value(known: &Known, name: &str) -> Option<Value> {
    gather(known).get(name).map(|fact| fact.value.clone())
}

#[test]
fn every_fact_that_can_be_known_is_and_no_other_is_made_up() {
    let facts = gather(&known());
    let found: BTreeSet<&str> = facts.iter().map(|(name, _)| name).collect();
    let can_be = KnownFact::all().filter(|known| known.reported == Reported::Yes).map(|known| known.name);
    let expected: BTreeSet<&str> = can_be.filter(|name| *name != ELSEWHERE).collect();
    assert_eq!(found, expected);
    for (name, fact) in facts.iter() {
        assert!(fact.seen_at <= ago(0), "{name} was seen at {}", fact.seen_at);
        assert!(fact.link.as_ref().is_some_and(|link| link.starts_with('/')), "{name} can be seen nowhere");
    }
}

#[test]
fn of_a_service_that_tells_nothing_only_what_people_and_the_portal_did_is_known() {
    let facts = gather(&nobody());
    let found: BTreeSet<&str> = facts.iter().map(|(name, _)| name).collect();
    let told = ["latency_received", "versions", "health_checks", "dependencies", "requests_24h", "instances"];
    assert!(told.iter().all(|name| !found.contains(name)), "{found:?}");
    let int = |name| value(&nobody(), name);
    for name in ["availability_slos", "availability_alerts", "runbooks", "gameday_scenarios", "incidents_90d"]
    {
        assert_eq!(int(name), Some(Value::Int(0)), "{name}");
    }
}

#[test]
fn figures_are_those_of_the_sources() {
    let known = known();
    let ms = |ms| Value::Duration(SignedDuration::from_millis(ms));
    for (name, expected) in [
        ("health_checks", Value::Int(2)),
        ("failing_health_checks", Value::list(["mail"])),
        ("critical_dependencies", Value::list(["orders.db"])),
        // Calls tell of three, health checks of two.
        ("dependencies", Value::Int(3)),
        ("requests_24h", Value::Int(1_000)),
        ("error_share_24h", Value::Float(0.1)),
        ("route_p99_24h", Value::map([("GET /a", ms(99)), ("GET /b", ms(99))])),
        ("routes_without_percentiles", Value::List(vec![])),
        ("request_trace_id_share_24h", Value::Float(0.99)),
        ("log_line_request_id_share_24h", Value::Float(0.99)),
        ("debug_lines_in_production_24h", Value::Int(3)),
        ("log_records_24h", Value::Int(5_000)),
        ("log_record_trace_id_share_24h", Value::Float(0.9)),
        ("errors_to_see_to", Value::Int(3)),
        ("errors_left_alone_7d", Value::list(["NoMilk at src/brew.rs:17"])),
        ("peak_requests_per_second_7d", Value::Float(1.5)),
        ("cpu_use_share", Value::Float(0.25)),
        ("memory_use_share", Value::Float(0.75)),
        ("slos_without_budget_left", Value::list(["available"])),
        ("slo_budget_left", Value::map([("available", -0.5), ("fast", 0.25)])),
        ("oldest_slo_review_days", Value::Int(40)),
        ("availability_burn_rate_alerts", Value::Int(2)),
        ("availability_alerts", Value::Int(3)),
        ("uptime_probe_ran", Value::Bool(true)),
        ("alerts_without_runbook", Value::list(["fast"])),
        ("deploys_90d", Value::Int(1)),
        ("latest_deploy_at", Value::Timestamp(ago(4 * DAY - 300))),
        ("latest_deploy_minutes", Value::Float(5.0)),
        ("rollbacks_180d", Value::Int(2)),
        ("latest_rollback_minutes", Value::Float(1.5)),
        ("clean_drains_in_a_row", Value::Int(2)),
        ("resources_running_out_30d", Value::list(["memory"])),
        ("capacity_alerts", Value::Int(1)),
        ("incidents_90d", Value::Int(2)),
        ("open_incidents", Value::list(["No beans"])),
        ("incidents_detected_by_alert_share_90d", Value::Float(0.5)),
        ("capacity_requests_per_second", Value::Float(40.0)),
        ("gameday_scenarios", Value::Int(2)),
        ("gameday_scenarios_without_result", Value::Int(1)),
        ("critical_dependencies_never_taken_away", Value::List(vec![])),
        ("oldest_open_gameday_ticket_days", Value::Int(95)),
        ("oldest_runbook_review_days", Value::Int(200)),
        ("runbook_runs", Value::Int(1)),
        ("on_call_without_drill_180d", Value::list(["tomas"])),
    ] {
        assert_eq!(value(&known, name), Some(expected), "{name}");
    }
    let facts = gather(&known);
    let seen = |name: &str| facts.get(name).map(|fact: &Fact| (fact.seen_at, fact.of, fact.build.as_deref()));
    assert_eq!(seen("capacity_requests_per_second"), Some((ago(2 * DAY), None, Some("1.8.1"))));
    assert_eq!(seen("request_trace_id_share_24h"), Some((ago(60), Some(1_500), None)));
    assert_eq!(seen("log_line_request_id_share_24h"), Some((ago(60), Some(2_000), None)));
    assert_eq!(seen("runbook_runs"), Some((ago(3 * DAY), None, None)));
    assert_eq!(seen("health_checks"), Some((ago(5), None, Some("1.8.2"))));
    assert_eq!(seen("rollbacks_180d"), Some((ago(2 * DAY), None, None)));
    assert_eq!(seen("latest_rollback_minutes"), Some((ago(3 * DAY - 90), None, None)));
    assert_eq!(seen("clean_drains_in_a_row"), Some((ago(7_200), None, Some("1.8.1"))));
    assert_eq!(seen("gameday_scenarios"), Some((ago(9 * DAY), None, None)));
}
