//! Every item of the default template passes, fails, is unknown and is stale as it should. The table has to know every item
//! that is judged by evidence: one that is added without its cases fails the test.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use jiff::{SignedDuration, Timestamp};
use seaworthy_checklist::{
    Answer, Basis, By, Fact, Facts, Item, Judgement, KnownFact, Mark, People, Subject, TWELVE_POINT,
    Template, Value, Verdict,
};

const BUILD: &str = "1.8.2";

type Known = (&'static str, Value);

/// The facts by which an item passes, and those of them that are other where it fails.
struct Case {
    item: &'static str,
    pass: Vec<Known>,
    fail: Vec<Known>,
}

fn case<const P: usize, const F: usize>(item: &'static str, pass: [Known; P], fail: [Known; F]) -> Case {
    Case { item, pass: pass.into(), fail: fail.into() }
}

fn yes(name: &'static str) -> Known {
    (name, Value::from(true))
}

fn no(name: &'static str) -> Known {
    (name, Value::from(false))
}

fn int(name: &'static str, value: i64) -> Known {
    (name, Value::from(value))
}

fn float(name: &'static str, value: f64) -> Known {
    (name, Value::from(value))
}

fn list<const N: usize>(name: &'static str, entries: [&str; N]) -> Known {
    (name, Value::list(entries))
}

/// A list of what is lacking: empty is good.
fn lacking(item: &'static str, name: &'static str, entry: &str) -> Case {
    case(item, [list(name, [])], [list(name, [entry])])
}

/// A count of what there should be one of.
fn one(item: &'static str, name: &'static str) -> Case {
    case(item, [int(name, 1)], [int(name, 0)])
}

fn cases() -> Vec<Case> {
    vec![
        case(
            "golden-signals",
            [
                yes("latency_received"),
                yes("traffic_received"),
                yes("errors_received"),
                yes("saturation_received"),
            ],
            [no("saturation_received")],
        ),
        one("availability-alert", "availability_alerts"),
        one("error-rate-alert", "availability_burn_rate_alerts"),
        one("latency-alert", "latency_burn_rate_alerts"),
        case("alert-delivered", [yes("test_alert_acknowledged")], [no("test_alert_acknowledged")]),
        case(
            "alerts-beat-users",
            [int("incidents_90d", 5), float("incidents_detected_by_alert_share_90d", 0.8)],
            [float("incidents_detected_by_alert_share_90d", 0.6)],
        ),
        case(
            "request-tracing",
            [float("request_trace_id_share_24h", 0.99)],
            [float("request_trace_id_share_24h", 0.989_999)],
        ),
        case(
            "trace-continuity",
            [
                int("dependencies", 2),
                int("spans_with_remote_parent", 0),
                int("spans_with_remote_children", 8),
            ],
            [int("spans_with_remote_children", 0)],
        ),
        case(
            "request-logs",
            [float("log_line_request_id_share_24h", 1.0)],
            [float("log_line_request_id_share_24h", 0.5)],
        ),
        case(
            "no-debug-in-production",
            [int("debug_lines_in_production_24h", 0)],
            [int("debug_lines_in_production_24h", 1)],
        ),
        case(
            "error-tracking",
            [list("instances_without_panic_capture", []), list("errors_left_alone_7d", [])],
            [list("errors_left_alone_7d", ["NoMilk at src/brew.rs:17"])],
        ),
        case(
            "profiles",
            [list("profile_kinds", ["cpu", "heap", "tasks"])],
            [list("profile_kinds", ["cpu", "tasks"])],
        ),
        lacking("rate-limiting", "public_routes_without_limiter", "/orders"),
        lacking("circuit-breaking", "dependencies_without_breaker", "kiosk"),
        case(
            "timeouts",
            [yes("server_timeout"), list("dependencies_without_timeout", [])],
            [list("dependencies_without_timeout", ["kiosk"])],
        ),
        case("load-shedding", [int("load_shedders", 0), int("bulkheads", 1)], [int("bulkheads", 0)]),
        one("feature-flags", "kill_switches_evaluated"),
        lacking("version", "instances_without_build_info", "orders-1"),
        case(
            "deploy-known",
            [int("deploys_90d", 3), float("latest_deploy_minutes", 4.5)],
            [int("deploys_90d", 0)],
        ),
        case(
            "rollback-practised",
            [int("rollbacks_180d", 1), float("latest_rollback_minutes", 2.0)],
            [int("rollbacks_180d", 0)],
        ),
        case("clean-drain", [int("clean_drains_in_a_row", 5)], [int("clean_drains_in_a_row", 4)]),
        case(
            "capacity-known",
            [float("capacity_requests_per_second", 1_250.0)],
            [float("capacity_requests_per_second", 0.0)],
        ),
        case(
            "load-test-fresh",
            [float("capacity_requests_per_second", 1_250.0)],
            [float("capacity_requests_per_second", 0.0)],
        ),
        case(
            "headroom",
            [float("peak_requests_per_second_7d", 70.0), float("capacity_requests_per_second", 100.0)],
            [float("peak_requests_per_second_7d", 70.001)],
        ),
        lacking("right-sized", "instances_with_more_workers_than_cpus", "orders-1"),
        case(
            "gameday",
            [int("gameday_scenarios", 3), int("gameday_scenarios_without_result", 0)],
            [int("gameday_scenarios_without_result", 1)],
        ),
        lacking("dependency-loss", "critical_dependencies_never_taken_away", "orders.db"),
        case(
            "remediation",
            [int("oldest_open_gameday_ticket_days", 90)],
            [int("oldest_open_gameday_ticket_days", 91)],
        ),
        one("runbook", "runbooks"),
        lacking("runbook-per-alert", "alerts_without_runbook", "orders: latency"),
        case(
            "runbook-fresh",
            [int("oldest_runbook_review_days", 180)],
            [int("oldest_runbook_review_days", 181)],
        ),
        one("runbook-used", "runbook_runs"),
        lacking("limits-known", "instances_without_limits", "orders-1"),
        lacking("forecast", "resources_running_out_30d", "memory"),
        one("capacity-alert", "capacity_alerts"),
        one("availability-slo", "availability_slos"),
        one("latency-slo", "latency_slos"),
        case(
            "budget-left",
            [int("availability_slos", 1), int("latency_slos", 0), list("slos_without_budget_left", [])],
            [list("slos_without_budget_left", ["orders answer"])],
        ),
        case(
            "slo-reviewed",
            [int("availability_slos", 1), int("latency_slos", 0), int("oldest_slo_review_days", 90)],
            [int("oldest_slo_review_days", 91)],
        ),
        case("status-check", [int("health_checks", 1), int("dependencies", 1)], [int("health_checks", 0)]),
        case("probes", [yes("liveness_asked"), yes("readiness_asked")], [no("readiness_asked")]),
        case("uptime-probe", [yes("uptime_probe_ran")], [no("uptime_probe_ran")]),
        lacking("percentiles", "routes_without_percentiles", "/menu"),
        lacking("supporting-components", "dependencies_below_level", "kiosk"),
        lacking("private-admin", "instances_with_open_admin", "orders-1"),
        lacking("not-root", "instances_run_by_root", "orders-1"),
        case("dependencies-listed", [int("packages_in_build", 214)], [int("packages_in_build", 0)]),
        lacking("advisories", "advisories_in_build", "RUSTSEC-2026-0001"),
        lacking("drill", "on_call_without_drill_180d", "ann"),
    ]
}

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn template() -> &'static Template {
    static TEMPLATE: LazyLock<Template> = LazyLock::new(|| Template::from_yaml(TWELVE_POINT).unwrap());
    &TEMPLATE
}

fn facts<'a>(known: impl IntoIterator<Item = &'a Known>, seen_at: Timestamp, build: &str) -> Facts {
    let mut facts = Facts::default();
    for (name, value) in known {
        let source = KnownFact::named(name).unwrap().source;
        facts.insert(name, Fact::new(value.clone(), seen_at, source).build(build)).unwrap();
    }
    facts
}

fn judged(item: &str, facts: &Facts, people: &People) -> Judgement {
    let past = BTreeMap::new();
    let subject = Subject { now: now(), build: Some(BUILD), facts, people, past: &past };
    template().assess(&subject).judgement(item).unwrap().clone()
}

/// How old its facts or its answer may be.
fn limit(item: &Item) -> Option<SignedDuration> {
    item.max_age.or(template().max_age)
}

#[test]
fn every_item_by_evidence_has_its_four_cases() {
    let template = template();
    let evidence = template.items().filter(|item| item.basis != Basis::Answer);
    let (asked, known): (BTreeSet<_>, BTreeSet<_>) =
        (evidence.map(|item| item.id.as_str()).collect(), cases().iter().map(|case| case.item).collect());
    assert_eq!(asked, known, "the table of cases and the template have to have the same items");

    for Case { item, pass, fail } in cases() {
        let people = People::default();
        let passing = judged(item, &facts(&pass, now(), BUILD), &people);
        assert_eq!((passing.verdict, passing.by), (Verdict::Pass, By::Evidence), "{item}: {}", passing.words);
        assert_eq!(passing.next, None, "{item}: there is nothing to do");

        let failing = judged(item, &facts(pass.iter().chain(&fail), now(), BUILD), &people);
        assert_eq!((failing.verdict, failing.by), (Verdict::Fail, By::Evidence), "{item}: {}", failing.words);
        assert_ne!(passing.words, failing.words, "{item}: the number says which");

        for (missing, _) in &pass {
            let others = pass.iter().filter(|(name, _)| name != missing);
            let judgement = judged(item, &facts(others, now(), BUILD), &people);
            assert_ne!(judgement.verdict, Verdict::Fail, "{item} without {missing}: {}", judgement.words);
        }
        let unknown = judged(item, &Facts::default(), &people);
        assert_eq!(
            (unknown.verdict, unknown.by),
            (Verdict::Unknown, By::Evidence),
            "{item}: {}",
            unknown.words
        );

        let stale = stale(item, &pass);
        assert_eq!((stale.verdict, stale.by), (Verdict::Stale, By::Evidence), "{item}: {}", stale.words);
        for judgement in [failing, unknown, stale] {
            assert!(judgement.next.is_some_and(|next| !next.is_empty()), "{item}: what to do next");
        }
    }
}

/// By the facts by which it passes, as old as they must not be or of the build before.
fn stale(id: &str, pass: &[Known]) -> Judgement {
    let template = template();
    let item = template.item(id).unwrap();
    let facts = if item.marks.contains(&Mark::Build) {
        facts(pass, now(), "1.8.1")
    } else {
        let old = limit(item).unwrap() + SignedDuration::from_secs(1);
        facts(pass, now() - old, BUILD)
    };
    judged(id, &facts, &People::default())
}

#[test]
fn every_item_by_answer_has_its_four_cases() {
    for item in template().items().filter(|item| item.basis == Basis::Answer) {
        let answered = |yes, ago| {
            let answer = Answer {
                yes,
                by: "ann".to_owned(),
                at: now() - ago,
                note: "As we do it.".to_owned(),
                link: Some("https://wiki.example/orders".to_owned()),
                build: None,
            };
            let people = People { answers: BTreeMap::from([(item.id.clone(), answer)]), ..People::default() };
            judged(&item.id, &Facts::default(), &people)
        };
        let limit =
            item.max_age.unwrap_or_else(|| panic!("{}: an answer has to be given again some day", item.id));
        let second = SignedDuration::from_secs(1);
        let cases = [
            (answered(true, second), Verdict::Pass),
            (answered(true, limit), Verdict::Pass),
            (answered(true, limit + second), Verdict::Stale),
            (answered(false, second), Verdict::Fail),
            (judged(&item.id, &Facts::default(), &People::default()), Verdict::Unknown),
        ];
        for (judgement, expected) in cases {
            let Judgement { verdict, by, words, next, .. } = judgement;
            assert_eq!((verdict, by), (expected, By::Answer), "{}: {words}", item.id);
            assert_eq!(next.is_none(), expected == Verdict::Pass, "{}: {next:?}", item.id);
        }
    }
}

#[test]
fn the_number_stands_behind_every_verdict() {
    let lines = cases().into_iter().flat_map(|Case { item, pass, fail }| {
        let words = |known: &[Known]| judged(item, &facts(known, now(), BUILD), &People::default()).words;
        let failing: Vec<_> = pass.iter().chain(&fail).cloned().collect();
        [
            item.to_owned(),
            format!("  pass: {}", words(&pass)),
            format!("  fail: {}", words(&failing)),
            format!("  unknown: {}", words(&[])),
            format!("  stale: {}", stale(item, &pass).words),
        ]
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_does_not_apply_by_the_facts_is_not_applicable() {
    let cases = [
        ("alerts-beat-users", vec![int("incidents_90d", 0)]),
        ("trace-continuity", vec![int("dependencies", 1)]),
        ("budget-left", vec![int("availability_slos", 0), int("latency_slos", 0)]),
        ("slo-reviewed", vec![int("availability_slos", 0), int("latency_slos", 0)]),
    ];
    let template = template();
    let conditional: Vec<_> =
        template.items().filter(|item| item.applies.is_some()).map(|item| item.id.as_str()).collect();
    assert_eq!(conditional, cases.iter().map(|(item, _)| *item).collect::<Vec<_>>());
    for (item, known) in cases {
        let judgement = judged(item, &facts(&known, now(), BUILD), &People::default());
        assert_eq!((judgement.verdict, judgement.by), (Verdict::NotApplicable, By::Evidence), "{item}");
        let old =
            judged(item, &facts(&known, now() - SignedDuration::from_hours(25), BUILD), &People::default());
        assert_eq!(old.verdict, Verdict::Stale, "{item}: {}", old.words);
    }
}
