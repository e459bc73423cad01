//! What becomes a fact, and what stays unknown.

use std::{collections::BTreeSet, sync::Arc};

use jiff::SignedDuration;
use seaworthy_catalog::{
    Acknowledgement, ChannelTest, Deploy, DeployKind, DeployedBuild, ErrorGroup, ErrorState, Instance,
    Regression, Shutdown, SloDefinition, StoredSlo, UptimeProbe,
};
use seaworthy_checklist::{Fact, KnownFact, Reported, Value};
use seaworthy_protocol::{
    AdminAccess, Build, Check, CheckResult, Figures, InstanceState, Observations, Probes,
};
use seaworthy_records::{
    Context, DetectedBy, Gameday, Incident, LoadTest, Rota, Run, Runbook, Scenario, Severity, Ticket, Verdict,
};
use seaworthy_telemetry::{
    histogram::ExplicitHistogram,
    metric::{Cell, CellValue, MetricKind, Series},
    model::{UnixNanos, Value as Attribute},
    observed::{BusiestMinute, Outbound, SpanLinks},
    profile::LastProfile,
};

use super::gather;
use crate::{
    alerts::{ChannelSettings, Hidden, Target},
    objectives::Standing,
    readiness::{
        known::{Known, Tested},
        log_lines::LogLines,
        observed::{Heard, LogRecords, Observed, of_series},
        recorded::{Entry, Recorded},
    },
    signals::Source,
    view::health::tests::{ago, instance},
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

fn check(name: &str, critical: bool, result: CheckResult) -> Check {
    Check { name: name.into(), critical, result, checked_at: None, took_ms: 0 }
}

fn complete() -> Instance {
    let mut one = instance(900, 5, InstanceState::Running);
    let check_in = &mut one.check_in;
    check_in.environment = "production".into();
    check_in.build =
        Build { version: "1.8.2".into(), commit: "4f2c9ab".into(), built_at: Some(ago(10 * DAY)) };
    check_in.health.checks = vec![
        check("orders.db", true, CheckResult::Pass),
        check("mail", false, CheckResult::Fail { reason: "down".into() }),
    ];
    check_in.figures = Figures {
        cpu_cores: Some(0.5),
        cpu_limit_cores: Some(2.0),
        memory_bytes: Some(300),
        memory_limit_bytes: Some(400),
        ..Figures::default()
    };
    check_in.observations = Observations {
        worker_threads: Some(2),
        recommended_worker_threads: None,
        admin: None,
        runs_as_root: Some(false),
        captures_panics: Some(true),
        counts_log_lines: Some(true),
        log_filter: None,
        profiles: None,
        probes: Some(Probes { liveness_asked_at: Some(ago(7)), readiness_asked_at: Some(ago(9)) }),
    };
    one
}

/// So many requests of a route within an hour, a tenth of them failed.
fn series(route: &str, requests: u64, load_test: bool) -> Vec<Series> {
    let text = |key: &str, text: &str| (key.to_owned(), Attribute::String(text.to_owned()));
    let one = |status: i64, count: u64| {
        let mut attributes = vec![
            text("http.request.method", "GET"),
            text("http.route", route),
            ("http.response.status_code".to_owned(), Attribute::Int(status)),
        ];
        attributes.extend(load_test.then(|| text("user_agent.synthetic.type", "test")));
        let durations = ExplicitHistogram { bounds: vec![0.1, 0.2], counts: vec![count, 0, 0], sum: 1.0 };
        Series {
            service: "reception".into(),
            instance: "1".into(),
            name: "http.server.request.duration".into(),
            unit: "s".into(),
            kind: MetricKind::ExplicitHistogram,
            attributes,
            cells: vec![Cell { at: 0, value: CellValue::Explicit(durations) }],
        }
    };
    vec![one(200, requests - requests / 10), one(500, requests / 10)]
}

fn observed(requests: Option<Vec<Series>>, servers: u64) -> Arc<Observed> {
    let peer = |peer: &str, services: &[&str]| Outbound {
        peer: peer.into(),
        services: services.iter().map(|service| (*service).to_owned()).collect(),
        calls: 7,
        latest: 0,
    };
    Arc::new(Observed {
        at: ago(60),
        requests: requests.map(|series| of_series(Source::HttpServer, series)),
        links: SpanLinks {
            servers,
            spans: servers * 3,
            remote_parents: 4,
            remote_children: 5,
            latest: None::<UnixNanos>,
        },
        log_lines: LogLines { all: 5_000, told: 1_980, not_told: 20, debug_in_production: 3 },
        log_records: LogRecords { all: 5_000, traced: 4_500 },
        outbound: vec![peer("barista:80", &["barista"]), peer("db", &[]), peer("mail", &[])],
        busiest: Some(BusiestMinute { minute: 0, requests: 90 }),
        running_out: Some(vec!["memory"]),
        foretold_at: ago(120),
    })
}

fn slo(name: &str, sli: &str, runbook: Option<&str>, left: Option<f64>) -> StoredSlo {
    let spec = format!(
        r#"{{"sli":{sli},"objective_percent":99,"window":{{"kind":"rolling","minutes":43200}},"runbook":{},
        "alerts":[{{"budget_percent":2,"long_minutes":60,"short_minutes":5,"severity":"page"}},
                  {{"budget_percent":10,"long_minutes":4320,"short_minutes":360,"severity":"ticket"}}]}}"#,
        serde_json::to_string(&runbook).unwrap()
    );
    let standing = Standing { as_of: ago(30), budget_left: left, ..standing() };
    StoredSlo {
        id: 1,
        name: name.into(),
        definition: SloDefinition { service: "reception".into(), spec, ..SloDefinition::default() },
        version: 1,
        created_at: ago(40 * DAY),
        created_by: String::new(),
        updated_at: ago(40 * DAY),
        updated_by: String::new(),
        evaluated_to: Some(0),
        standing: Some(serde_json::to_string(&standing).unwrap()),
    }
}

fn standing() -> Standing {
    serde_json::from_str(
        r#"{"version":1,"as_of":"2026-11-20T12:00:00Z","state":"within","window":{"start":"2026-10-20T12:00:00Z","end":"2026-11-20T12:00:00Z"},
        "sli":null,"budget_left":null,"total":0,"allowed":0,"spent":0,"coverage":null,"burn":[]}"#,
    )
    .unwrap()
}

fn entry<B>(title: &str, open: bool, body: B) -> Entry<B> {
    Entry { title: title.into(), open, updated_at: ago(200 * DAY), body }
}

fn recorded() -> Recorded {
    let scenario = Scenario {
        title: "No database".into(),
        expected: "Orders wait".into(),
        taken_away: Some("orders.db".into()),
        started_at: None,
        ended_at: None,
        actual: "They did".into(),
        verdict: Some(Verdict::Held),
    };
    let ticket = Ticket { title: "Timeout".into(), link: None, opened_at: ago(95 * DAY), closed_at: None };
    let gameday = |planned_for, scenarios: Vec<Scenario>| Gameday {
        planned_for,
        participants: vec!["ines".into()],
        scenarios,
        tickets: vec![ticket.clone()],
        verdict: None,
        report: String::new(),
    };
    let incident = |days: i64, detected_by| Incident {
        started_at: ago(days * DAY),
        detected_by,
        alert: None,
        commander: None,
        severity: Severity::Sev3,
        timeline: vec![],
        resolved_at: None,
        action_items: vec![],
        postmortem: String::new(),
    };
    let run = |context| Run {
        runbook: 1,
        runbook_version: 1,
        context,
        started_at: ago(3 * DAY),
        started_by: "ines".into(),
        steps: vec![],
        hand_overs: vec![],
        finished_at: None,
        outcome: String::new(),
    };
    let load_test = |days: i64, rate: Option<f64>| LoadTest {
        ran_at: ago(days * DAY),
        build: Some("1.8.1".into()),
        tool: "k6".into(),
        target: "/".into(),
        duration_s: 60.0,
        highest_rate_within_slo: rate,
        stages: vec![],
        note: String::new(),
        link: None,
    };
    let rota = Rota {
        primary: "ines".into(),
        secondary: Some("tomas".into()),
        escalation: vec![],
        training: vec![],
        commander: None,
    };
    let runbook = |reviewed_at| Runbook { markdown: "x".into(), reviewed_at, reviewed_by: None };
    let untried = Scenario { verdict: None, ..scenario.clone() };
    Recorded {
        runbooks: vec![entry("a", false, runbook(Some(ago(DAY)))), entry("b", false, runbook(None))],
        runs: vec![entry("", true, run(Context::None)), entry("", true, run(Context::Incident { id: 1 }))],
        // The one that is planned has not been held.
        gamedays: vec![
            entry("", true, gameday(ago(-DAY), vec![])),
            entry("", true, gameday(ago(9 * DAY), vec![scenario, untried])),
        ],
        load_tests: vec![
            entry("", false, load_test(1, None)),
            entry("", false, load_test(2, Some(40.0))),
            entry("", false, load_test(3, Some(99.0))),
        ],
        incidents: vec![
            entry("No beans", true, incident(5, DetectedBy::User)),
            entry("", false, incident(6, DetectedBy::Alert)),
            entry("", false, incident(100, DetectedBy::Alert)),
        ],
        rotas: vec![entry("", false, rota)],
    }
}

/// A kind of error that was first and last seen so many days ago.
fn error(first: i64, last: i64, state: ErrorState) -> ErrorGroup {
    ErrorGroup {
        id: "a".into(),
        service: "reception".into(),
        kind: "NoMilk".into(),
        message: String::new(),
        place: "src/brew.rs:17".into(),
        count: 1,
        first_seen_at: ago(first * DAY),
        last_seen_at: ago(last * DAY),
        state,
        regressed: None,
    }
}

/// A deploy that began so long ago, and took so many seconds.
fn deploy(kind: DeployKind, started: i64, took: Option<i64>) -> Deploy {
    let build = DeployedBuild { version: "1.8.2".into(), commit: String::new() };
    Deploy {
        id: started,
        service: "reception".into(),
        environment: String::new(),
        kind,
        from: None,
        build,
        started_at: ago(started),
        ended_at: took.map(|took| ago(started - took)),
        seen_at: None,
        declared: None,
    }
}

fn shutdown(clean: bool) -> Shutdown {
    Shutdown {
        service: "reception".into(),
        instance: String::new(),
        environment: String::new(),
        build: DeployedBuild { version: "1.8.1".into(), commit: String::new() },
        at: ago(7_200),
        lost: false,
        clean,
        aborted: 0,
        took_ms: None,
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

/// A test alert that was sent and delivered so many seconds ago, and acknowledged perhaps, in a channel for these services.
fn tested(sent: i64, acknowledged: Option<i64>, services: &[&str]) -> Tested {
    let (sent_at, acknowledged) = (ago(sent), acknowledged.map(ago));
    Tested {
        test: ChannelTest {
            channel_id: 1,
            sent_at,
            sent_by: "ines".into(),
            delivered_at: Some(sent_at),
            error: None,
            acknowledged: acknowledged.map(|at| Acknowledgement { by: "signed link in on-call".into(), at }),
        },
        settings: ChannelSettings {
            target: Target::Slack { url: Hidden::new("https://hooks.example/T0/B0") },
            least_severity: seaworthy_slo::Severity::Page,
            services: services.iter().map(|name| (*name).to_owned()).collect(),
        },
    }
}

#[test]
fn a_test_alert_counts_once_it_was_acknowledged_where_the_service_is_told_of() {
    let with = |tests: &[Tested]| Known { tested: tests.into(), ..nobody() };
    let acknowledged = tested(300, Some(200), &[]);
    let fact =
        gather(&with(std::slice::from_ref(&acknowledged))).get("test_alert_acknowledged").cloned().unwrap();
    assert_eq!((fact.value, fact.seen_at), (Value::Bool(true), ago(200)));
    // The latest counts, and only where pages of this service are told.
    for (tests, expected) in [
        (vec![], None),
        (vec![tested(300, None, &[])], Some(false)),
        (vec![acknowledged.clone(), tested(100, None, &[])], Some(false)),
        (vec![acknowledged.clone(), tested(100, None, &["barista"])], Some(true)),
        (vec![tested(300, Some(200), &["barista"])], None),
    ] {
        assert_eq!(value(&with(&tests), "test_alert_acknowledged"), expected.map(Value::Bool), "{tests:?}");
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

#[test]
fn errors_are_looked_after_or_left_alone() {
    let muted = ErrorState::Muted { at: ago(0), by: "ines".into(), until: ago(-DAY) };
    let again = |days: i64| ErrorGroup {
        regressed: Some(Regression { at: ago(days * DAY), build: String::new() }),
        ..error(100, 0, ErrorState::Open)
    };
    for (errors, to_see_to, left_alone) in [
        (vec![], 0, 0),
        (vec![error(6, 0, ErrorState::Open)], 1, 0),
        (vec![error(7, 0, ErrorState::Open)], 1, 1),
        (vec![error(30, 7, ErrorState::Open)], 1, 0),
        (vec![error(30, 0, muted)], 0, 0),
        (vec![again(6), again(8)], 2, 1),
    ] {
        let known = Known { errors: errors.clone(), ..nobody() };
        assert_eq!(value(&known, "errors_to_see_to"), Some(Value::Int(to_see_to)), "{errors:?}");
        let Some(Value::List(left)) = value(&known, "errors_left_alone_7d") else { panic!("{errors:?}") };
        assert_eq!(left.len(), left_alone, "{errors:?}");
    }
}

#[test]
fn requests_without_spans_may_be_sampled_away_and_then_nobody_knows() {
    let share = |servers| {
        let observed = observed(Some(series("/a", 1_000, false)), servers);
        value(&Known { observed: Some(observed), ..nobody() }, "request_trace_id_share_24h")
    };
    assert_eq!(share(1_200), Some(Value::Float(1.0)));
    assert_eq!(share(950), Some(Value::Float(0.95)));
    assert_eq!(share(899), None);
    assert_eq!(share(0), None);
    let only_spans = Known { observed: Some(observed(None, 1_000)), ..nobody() };
    assert_eq!(value(&only_spans, "request_trace_id_share_24h"), None);
}

#[test]
fn what_instances_lack_is_told_by_their_names() {
    let mut lacking = complete();
    lacking.check_in.instance = "lacking".into();
    lacking.check_in.build.commit.clear();
    lacking.check_in.figures.memory_limit_bytes = None;
    lacking.check_in.process.admin_address = "0.0.0.0:9000".into();
    let mut ours = complete();
    ours.check_in.agent = "seaworthy-agent/0.1.0".into();
    ours.check_in.process.admin_address = "0.0.0.0:9000".into();
    let mut gone = lacking.clone();
    gone.check_in.instance = "gone".into();
    gone.last_seen_at = ago(900);
    let known = Known { instances: vec![lacking, ours, gone.clone()], ..nobody() };
    for name in ["instances_without_build_info", "instances_without_limits", "instances_with_open_admin"] {
        assert_eq!(value(&known, name), Some(Value::list(["lacking"])), "{name}");
    }
    assert_eq!(value(&known, "instances"), Some(Value::Int(2)));
    // Of one that has gone, what it said last is known, and that it is long ago.
    let known = Known { instances: vec![gone], ..nobody() };
    assert_eq!(value(&known, "instances"), Some(Value::Int(0)));
    let fact = gather(&known).get("instances_without_limits").cloned().unwrap();
    assert_eq!((fact.value, fact.seen_at), (Value::list(["gone"]), ago(900)));
}

#[test]
fn a_budget_that_was_not_evaluated_lately_is_not_known() {
    let mut known = known();
    known.slos[1].standing = None;
    assert_eq!(value(&known, "slos_without_budget_left"), None);
    assert_eq!(value(&known, "latency_slos"), Some(Value::Int(1)));
}

/// Instances of which each is changed by one of these.
fn changed(changes: &[fn(&mut Instance)]) -> Known {
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
fn of_all_lines_nobody_knows_unless_every_instance_counts_them_and_they_arrive() {
    let counts = |_: &mut Instance| {};
    let logs_otherwise = |one: &mut Instance| one.check_in.observations.counts_log_lines = Some(false);
    let silent = |one: &mut Instance| one.check_in.observations = Observations::default();
    let told = |changes: &[fn(&mut Instance)], log_lines, metrics_arrive: bool| {
        let observed = Observed { log_lines, ..Observed::clone(&observed(None, 0)) };
        let heard = Heard { saturation: metrics_arrive.then(|| ago(63)), ..Heard::default() };
        let known = Known { observed: Some(Arc::new(observed)), heard, ..changed(changes) };
        ["log_line_request_id_share_24h", "debug_lines_in_production_24h"].map(|name| value(&known, name))
    };
    let (share, debug) = (|share| Some(Value::Float(share)), |lines| Some(Value::Int(lines)));
    let none = LogLines::default();
    let fine = LogLines { all: 9, told: 4, ..none };
    let lacking = LogLines { not_told: 1, debug_in_production: 2, ..fine };
    assert_eq!(told(&[counts], fine, false), [share(1.0), debug(0)]);
    assert_eq!(told(&[counts, counts], lacking, true), [share(0.8), debug(2)]);
    assert_eq!(
        told(&[counts], LogLines { all: 9, ..none }, false),
        [None, debug(0)],
        "none within a request"
    );
    assert_eq!(told(&[counts], none, true), [None, debug(0)], "it logs nothing, and would tell if it did");
    assert_eq!(told(&[counts], none, false), [None, None], "its metrics go elsewhere");
    assert_eq!(told(&[counts, logs_otherwise], fine, true), [None, None]);
    assert_eq!(told(&[counts, silent], lacking, true), [None, debug(2)]);
    assert_eq!(told(&[], fine, true), [None, None]);
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
