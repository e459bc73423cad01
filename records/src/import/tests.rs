use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::{Body, Gameday, Verdict};

const K6_EXPORT: &str = include_str!("fixtures/k6-summary-export.json");
const K6_DATA: &str = include_str!("fixtures/k6-handle-summary.json");
const K6_MACHINE: &str = include_str!("fixtures/k6-machine-readable.json");
const OHA: &str = include_str!("fixtures/oha.json");
const OLD_OHA: &str = include_str!("fixtures/oha-before-1.0.json");
const VEGETA: &str = include_str!("fixtures/vegeta.json");
const WRK: &str = include_str!("fixtures/wrk.txt");
const WRK_SHORT: &str = include_str!("fixtures/wrk-without-latency.txt");
const WRK2: &str = include_str!("fixtures/wrk2.txt");
const HELD: &str = include_str!("fixtures/chaos-held.json");
const DEVIATED: &str = include_str!("fixtures/chaos-deviated.json");
const NOT_STEADY: &str = include_str!("fixtures/chaos-not-steady-before.json");
const ACTION_FAILED: &str = include_str!("fixtures/chaos-action-failed.json");

fn given() -> Given {
    Given {
        ran_at: "2026-03-01T11:00:00Z".parse().unwrap(),
        build: Some("1.8.2".into()),
        target: "https://shop.example/orders".into(),
        within: None,
    }
}

fn read(output: &str) -> Imported<LoadTest> {
    load_test(output, &given()).unwrap()
}

/// Tool, seconds, rate, p50, p95, p99 and share of errors, with three decimals.
fn figures(output: &str) -> (String, [Option<f64>; 6]) {
    let test = read(output).record;
    assert_eq!(test.check(), Ok(()));
    assert_eq!((test.build.as_deref(), test.highest_rate_within_slo), (Some("1.8.2"), None));
    let [stage] = &test.stages[..] else { panic!("{test:?}") };
    let figures = [
        Some(test.duration_s),
        Some(stage.rate),
        stage.p50_ms,
        stage.p95_ms,
        stage.p99_ms,
        Some(stage.error_share),
    ];
    (test.tool, figures.map(|figure| figure.map(|figure| (figure * 1_000.0).round() / 1_000.0)))
}

#[test]
fn every_tool_is_read_in_its_own_units() {
    for (output, tool, expected) in [
        (K6_EXPORT, "k6", [Some(60.0), Some(100.0), Some(18.25), Some(52.75), Some(130.5), Some(0.005)]),
        (K6_DATA, "k6", [Some(60.013), Some(99.979), Some(18.25), Some(52.75), None, Some(0.0)]),
        (K6_MACHINE, "k6", [Some(60.0), Some(100.0), Some(18.25), Some(52.75), None, Some(0.005)]),
        // 180 answers of 503 and 16 without any, of 9,780; what the deadline cut off is neither.
        (OHA, "oha", [Some(10.012), Some(976.8), Some(9.1), Some(21.5), Some(44.25), Some(0.02)]),
        (OLD_OHA, "oha", [Some(2.5), Some(400.0), Some(4.0), Some(10.0), Some(15.0), Some(0.0)]),
        // 12,000 in 29.9975 s, and 0.247 s until the last was answered.
        (
            VEGETA,
            "vegeta",
            [Some(29.998), Some(396.763), Some(248.546), Some(297.609), Some(324.028), Some(0.002)],
        ),
        (WRK, "wrk", [Some(3.01), Some(88.98), Some(44.0), None, Some(48.04), Some(0.022)]),
        // 18 errors of connections among 9,982 answers.
        (WRK2, "wrk2", [Some(20.0), Some(499.1), Some(5.05), Some(9.151), Some(14.21), Some(0.002)]),
    ] {
        assert_eq!(figures(output), (tool.to_owned(), expected));
    }
}

#[test]
fn what_an_output_says_of_itself_is_used_and_the_rest_is_given() {
    assert_eq!(read(VEGETA).record.ran_at, "2026-03-01T12:00:00.340084846Z".parse().unwrap());
    assert_eq!(read(OHA).record.ran_at, given().ran_at);
    let without_target = Given { target: " ".into(), ..given() };
    let target = |output: &str| load_test(output, &without_target).map(|read| read.record.target);
    assert_eq!(target(WRK), Ok("http://127.0.0.1:8080/orders".into()));
    // Neither who signs in nor the query is kept.
    assert_eq!(target(WRK2), Ok("http://127.0.0.1:8080/orders".into()));
    assert_eq!(target(&format!("$ wrk -c4 --latency http://x\n{WRK}")), target(WRK));
    for output in [K6_EXPORT, OHA, VEGETA] {
        let mistake = target(output).unwrap_err();
        assert_eq!(mistake.field, "target");
        assert!(mistake.message.contains("say it"), "{mistake}");
    }
}

#[test]
fn no_rate_within_slo_is_invented() {
    let judged = |p99_ms| {
        let within = Some(Within { error_share: Some(0.05), p99_ms: Some(p99_ms), ..Within::default() });
        let Imported { record, remarks } = load_test(OHA, &Given { within, ..given() }).unwrap();
        (record.highest_rate_within_slo, remarks.last().unwrap().clone())
    };
    let (none, told) = (read(OHA).record.highest_rate_within_slo, read(OHA).remarks.pop().unwrap());
    assert!(
        none.is_none() && told.contains("not told the SLOs") && told.contains("976.8 requests/s"),
        "{told}"
    );
    let (held, told) = judged(50.0);
    assert!(held == Some(976.8) && told.contains("976.8 requests/s is taken as the highest"), "{told}");
    let (missed, told) = judged(40.0);
    assert!(missed.is_none() && told.contains("did not hold"), "{told}");
    let remarks = read(K6_EXPORT).remarks.join("\n");
    assert!(
        remarks.contains("mean of the whole run") && remarks.contains("dropped 14 iterations"),
        "{remarks}"
    );
    assert!(read(K6_DATA).remarks[1].contains("p(99)"));
}

/// An output in which one value is another, or is taken out.
fn with(output: &str, pointer: &str, value: Option<Value>) -> String {
    let mut json: Value = serde_json::from_str(output).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = json.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    json.to_string()
}

#[test]
fn what_is_missing_or_no_measurement_is_refused_with_field_and_remedy() {
    let k6 = "metrics.http_req_duration.p(99)";
    for (output, pointer, field, remedy) in [
        (K6_EXPORT, "/metrics/http_reqs", "metrics.http_reqs.count", "HTTP requests"),
        (K6_EXPORT, "/metrics/http_reqs/rate", "metrics.http_reqs.rate", "HTTP requests"),
        (K6_EXPORT, "/metrics/http_req_failed", "metrics.http_req_failed", "setResponseCallback"),
        (K6_EXPORT, "/metrics/http_req_duration", k6, "--summary-trend-stats"),
        (K6_DATA, "/metrics/http_req_duration/values/p(95)", k6, "--summary-trend-stats"),
        (K6_DATA, "/metrics/http_req_failed/values", "metrics.http_req_failed", "setResponseCallback"),
        (K6_MACHINE, "/results/metrics/2/values", k6, "--summary-trend-stats"),
        (OHA, "/latencyPercentiles", "latencyPercentiles", "oha --output-format json"),
        (OHA, "/statusCodeDistribution", "statusCodeDistribution", "oha"),
        (OHA, "/errorDistribution", "errorDistribution", "oha"),
        (OHA, "/summary", "summary", "oha"),
        (OHA, "/summary/total", "summary.total", "oha"),
        (VEGETA, "/success", "success", "-type=json"),
        (VEGETA, "/wait", "wait", "-type=json"),
        (VEGETA, "/requests", "requests", "-type=json"),
    ] {
        let mistake = load_test(&with(output, pointer, None), &given()).unwrap_err();
        assert_eq!(mistake.field, field, "{pointer}: {mistake}");
        assert!(
            mistake.message.contains("missing") && mistake.message.contains(remedy),
            "{pointer}: {mistake}"
        );
    }
    for (pointer, field) in [
        ("/summary/requestsPerSec", "summary.requestsPerSec"),
        ("/latencyPercentiles/p99", "latencyPercentiles.p99"),
        ("/summary/total", "summary.total"),
    ] {
        for number in [json!(-1), json!(1e300)] {
            let mistake = load_test(&with(OHA, pointer, Some(number)), &given()).unwrap_err();
            assert!(mistake.field == field && mistake.message.contains("no measurement"), "{mistake}");
        }
    }
    // oha writes what is not a number as null.
    let nothing = ["p95", "p99"].iter().fold(OHA.to_owned(), |output, name| {
        with(&output, &format!("/latencyPercentiles/{name}"), Some(Value::Null))
    });
    assert_eq!(load_test(&nothing, &given()).unwrap_err().field, "latencyPercentiles.p99");
    for (output, pointer, value, field, told) in [
        (VEGETA, "/success", json!(1.5), "success", "no share"),
        (VEGETA, "/requests", json!(0), "requests", "nothing was measured"),
        (VEGETA, "/duration", json!(0), "duration", "nothing was measured"),
        (VEGETA, "/latencies/99th", json!(1), "stages[0].p99_ms", "lower percentile"),
        (OHA, "/statusCodeDistribution", json!({}), "statusCodeDistribution", ""),
        (OHA, "/statusCodeDistribution", json!({"200": -1}), "statusCodeDistribution.200", "another shape"),
        (OHA, "/summary", json!("x"), "summary", "another shape"),
        (K6_EXPORT, "/metrics/http_reqs/count", json!("6000"), "metrics.http_reqs.count", "another shape"),
    ] {
        let output = with(&with(output, "/errorDistribution", Some(json!({}))), pointer, Some(value));
        let mistake = load_test(&output, &given()).unwrap_err();
        assert!(mistake.field == field && mistake.message.contains(told), "{pointer}: {mistake}");
    }
}

#[test]
fn what_wrk_prints_must_be_whole() {
    let refused = |output: &str, field: &str, told: &str| {
        let mistake = load_test(output, &given()).unwrap_err();
        assert!(mistake.field == field && mistake.message.contains(told), "{output}: {mistake}");
    };
    refused(WRK_SHORT, "Latency Distribution", "run wrk again with --latency");
    refused(&WRK.replace("48.04ms", "48.04"), "99%", "no time");
    refused(&WRK.replace("48.04ms", "-48.04ms"), "99%", "no measurement");
    refused(&WRK.replace("48.04ms", "nanms"), "99%", "no measurement");
    refused(&WRK.replace("88.98", "inf"), "Requests/sec", "no measurement");
    refused(&WRK.replace("88.98", "0.00"), "Requests/sec", "nothing was measured");
    refused(&WRK.replace("responses: 6", "responses: six"), "Non-2xx or 3xx responses", "no number");
    refused(&WRK.replace("268 requests in 3.01s", ""), "requests in", "missing");
    refused(
        &WRK.replace("268 requests in 3.01s", "0 requests in 3.01s"),
        "requests in",
        "nothing was measured",
    );
    refused("Running 3s test @ http://127.0.0.1:8080/orders\n", "requests in", "missing");
}

#[test]
fn what_is_no_output_is_refused_soon() {
    let began = Instant::now();
    let deep = |open: &str| format!("{{\"latencies\":{}", open.repeat(2_000_000));
    let many = format!("{{\"results\":{{\"metrics\":[{}", "{\"name\":\"a\",\"values\":{}},".repeat(300_000));
    for (output, told) in [
        (String::new(), "k6 run --summary-export"),
        ("[]".into(), "no output that can be read"),
        ("{}".into(), "no output that can be read"),
        ("{\"latencies\":{}} {}".into(), "more than one object"),
        ("{\"latencies\":NaN}".into(), "no JSON"),
        (HELD.into(), "import it into a gameday"),
        (" ".repeat(10_000_000), "at most 8388608"),
        (format!("{{\"x\":\"{}\"}}", "x".repeat(10_000_000)), "at most 8388608"),
        (deep("["), ""),
        (deep("{\"values\":"), ""),
        (many, "no JSON"),
        (format!("{{\"metrics\":{{\"http_reqs\":{}", "{\"values\":".repeat(500_000)), "no JSON"),
        (format!("Running 3s test @ x\n{}", "99% 1ms\n".repeat(900_000)), "missing"),
        (format!("Running 3s test @ x\nLatency Distribution\n{}", "9 ".repeat(3_000_000)), "missing"),
    ] {
        let mistake = load_test(&output, &given()).unwrap_err();
        assert!(mistake.message.contains(told) && mistake.message.len() < 500, "{mistake}");
        assert!(output == HELD || scenario(&output).is_err());
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

fn verdict(journal: &str) -> Option<Verdict> {
    scenario(journal).unwrap().record.verdict
}

#[test]
fn a_journal_becomes_a_scenario() {
    // The probe of the method has a tolerance that nobody checked.
    let probe = "/run/1/activity/tolerance";
    let Imported { record, remarks } = scenario(&with(HELD, probe, None)).unwrap();
    assert_eq!(record.title, "Reception holds without barista");
    assert_eq!(record.expected, "Reception answers (probes: reception-answers)");
    assert_eq!(
        record.actual,
        "The steady state was met before the method.\nThe steady state was met after the method."
    );
    assert_eq!((record.verdict, record.taken_away.clone()), (Some(Verdict::Held), None));
    assert!(record.started_at.unwrap() < record.ended_at.unwrap());
    assert!(remarks.last().unwrap().contains("which dependency"));
    let gameday = Gameday {
        planned_for: record.started_at.unwrap(),
        participants: vec![],
        scenarios: vec![record],
        tickets: vec![],
        verdict: Some(Verdict::Held),
        report: String::new(),
    };
    assert_eq!(gameday.check(), Ok(()));
    let naive = with(HELD, "/start", Some(json!("2018-01-30T16:38:06.318432")));
    assert_eq!(scenario(&naive).unwrap().record.started_at, "2018-01-30T16:38:06.318432Z".parse().ok());
}

#[test]
fn only_what_is_clean_has_held() {
    let clean = with(HELD, "/run/1/activity/tolerance", None);
    assert_eq!(verdict(&clean), Some(Verdict::Held));
    let missed = json!({"steady_state_met": false, "probes": []});
    let met =
        json!({"steady_state_met": true, "probes": [{"activity": {"name": "p"}, "tolerance_met": true}]});
    let background =
        json!([{"activity": {"name": "p", "type": "probe"}, "status": "succeeded", "tolerance_met": false}]);
    for (name, pointer, value, expected, told) in [
        ("lost after", "/steady_states/after", Some(missed.clone()), Some(Verdict::Failed), "not met after"),
        (
            "lost during",
            "/steady_states/during",
            Some(json!([met, missed.clone()])),
            Some(Verdict::Failed),
            "during",
        ),
        ("deviated", "/deviated", Some(json!(true)), Some(Verdict::Failed), "deviated"),
        (
            "nobody looked after",
            "/steady_states/after",
            None,
            None,
            "Nobody looked at the steady state after",
        ),
        ("nobody looked before", "/steady_states/before", Some(Value::Null), None, "before"),
        ("not there before", "/steady_states/before", Some(missed), None, "nothing was tried"),
        (
            "a probe missed though met",
            "/steady_states/after/probes",
            Some(background.clone()),
            Some(Verdict::Failed),
            "p missed",
        ),
        ("no probe", "/steady_states/after/probes", Some(json!([])), Some(Verdict::Failed), "not met after"),
        ("nothing ran", "/run", Some(json!([])), None, "No activity"),
        ("a probe of the method missed", "/run", Some(background), None, "missed its tolerance"),
        (
            "an action failed",
            "/run/0/status",
            Some(json!("failed")),
            None,
            "take-barista-away of the method failed",
        ),
        (
            "a rollback failed",
            "/rollbacks/0/status",
            Some(json!("failed")),
            None,
            "bring-barista-back of the rollbacks failed",
        ),
        ("interrupted", "/status", Some(json!("interrupted")), None, "did not complete, it was interrupted"),
    ] {
        let read = scenario(&with_path(&clean, pointer, value)).unwrap();
        assert_eq!(read.record.verdict, expected, "{name}");
        assert!(read.record.actual.contains(told), "{name}: {}", read.record.actual);
        let asks = read.remarks.iter().any(|remark| remark.contains("say it yourself"));
        assert_eq!(asks, expected.is_none(), "{name}");
    }
    for (journal, expected) in
        [(HELD, None), (DEVIATED, Some(Verdict::Failed)), (NOT_STEADY, None), (ACTION_FAILED, None)]
    {
        assert_eq!(verdict(journal), expected);
    }
    assert!(
        scenario(ACTION_FAILED).unwrap().record.actual.contains("take-barista-away of the method failed")
    );
}

/// As [`with`], through lists.
fn with_path(output: &str, pointer: &str, value: Option<Value>) -> String {
    let mut json: Value = serde_json::from_str(output).unwrap();
    match (json.pointer_mut(pointer), value) {
        (Some(found), Some(value)) => *found = value,
        _ => return with(output, pointer, None),
    }
    json.to_string()
}

#[test]
fn what_is_no_journal_is_refused() {
    for (journal, field, told) in [
        (OHA.to_owned(), "experiment", "no journal"),
        (with(HELD, "/steady_states", None), "steady_states", "no journal"),
        (with(HELD, "/status", None), "status", "no journal"),
        (with(HELD, "/experiment/dry", Some(json!("actions"))), "experiment.dry", "dry run"),
        (with(HELD, "/run", Some(json!({}))), "run", "another shape"),
        (with(HELD, "/run", Some(json!([7]))), "run[0]", "another shape"),
        (with(HELD, "/start", Some(json!("noon"))), "start", "another shape"),
        ("journal".to_owned(), "", "no JSON"),
    ] {
        let mistake = scenario(&journal).unwrap_err();
        assert_eq!(mistake.field, field, "{mistake}");
        assert!(mistake.message.contains(told), "{mistake}");
    }
}

#[test]
fn a_journal_of_many_and_long_names_still_fits() {
    let activity =
        json!({"activity": {"name": "\u{1}é".repeat(2_000), "type": "action"}, "status": "failed"});
    let long = with(HELD, "/run", Some(Value::Array(vec![activity; 300])));
    let long = with(&long, "/experiment/title", Some(json!("a\n\tb".repeat(500))));
    let record = scenario(&long).unwrap().record;
    let gameday = json!({"planned_for": "2026-03-01T12:00:00Z", "scenarios": [record]});
    assert!(
        Gameday::from_json(&gameday.to_string()).is_ok(),
        "{:?}",
        Gameday::from_json(&gameday.to_string())
    );
}
