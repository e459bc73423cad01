//! Load tests: entered by hand, read from what a tool wrote, sent by a pipeline, and what follows from them.

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{Role, Scope};
use serde_json::Value;

use crate::{
    pages::{page, shop, shows},
    portal::{Answer, Browser, Portal},
};

/// What vegeta reports: it does not say what it was sent to.
const VEGETA: &str = include_str!("../../../records/src/import/fixtures/vegeta.json");
const WRK: &str = "Running 3s test @ http://127.0.0.1:8080/orders
  1 threads and 4 connections
  Latency Distribution
     50%   44.00ms
     99%   48.04ms
  268 requests in 3.01s, 30.11KB read
Requests/sec:     88.98
";

/// The fields of a load test that is entered by hand.
fn typed<'t>(changes: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
    let usual = [
        ("service", "reception"),
        ("ran_at", "2026-11-20T10:00"),
        ("build", "1.8.2"),
        ("tool", "k6"),
        ("target", "https://shop.example/orders"),
        ("duration", "5 min"),
        ("highest", "120"),
        ("stages", "100, 12, 40, 85, 0.2"),
        ("note", "with one instance"),
    ];
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes).copied().collect()
}

/// Enters one, and returns its page.
async fn enter(browser: &mut Browser, changes: &[(&str, &str)]) -> String {
    browser.get("/load-tests/new").await;
    let answer = browser.post("/load-tests", &typed(changes)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

/// At most 5 % of requests may fail, and 99 % must be answered within 100 ms.
async fn make_slos(browser: &mut Browser) {
    for (name, kind, objective) in [("orders", "availability", "95"), ("fast", "latency", "99")] {
        browser.get("/slos/new").await;
        let fields = [
            ("name", name),
            ("service", "reception"),
            ("kind", kind),
            ("objective", objective),
            ("threshold_ms", "100"),
            ("window", "30d"),
            ("least_failures", "3"),
        ];
        let answer = browser.post("/slos", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
}

async fn json(browser: &mut Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Sends an output as a pipeline does.
async fn send(portal: &Portal, query: &str, output: impl Into<reqwest::Body>) -> Answer {
    let token = portal.token(&[Scope::Write]).await;
    let mut program = portal.browser();
    let path = format!("/api/v1/load-tests?{query}");
    let request = program.as_program(Method::POST, &path).bearer_auth(token).body(output);
    program.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_test_is_entered_shown_changed_and_deleted() {
    let (portal, mut browser) = shop("reception").await;
    shows(&page(&mut browser, "/load-tests").await, &["No load test yet", "POST /api/v1/load-tests"]);
    // The service is filled in, and the build that runs.
    let form = page(&mut browser, "/load-tests/new?service=reception").await;
    assert!(
        form.body.contains("value=\"reception\"") && form.body.contains("value=\"1.8.2\""),
        "{}",
        form.body
    );
    shows(&form, &["What counts as within SLO", "The service has no SLO"]);

    let one = enter(&mut browser, &[]).await;
    let shown = page(&mut browser, &one).await;
    shows(&shown, &["k6 against reception", "120 requests/s", "build 1.8.2", "5 min", "with one instance"]);
    shows(&shown, &["100 requests/s 12 ms 40 ms 85 ms 0.20 %"]);
    // 100 requests in the busiest minute.
    shows(&shown, &["enough", "the service answered 1.67 requests/s: 1.39 % of this; asked: at most 70 %"]);
    shows(&page(&mut browser, "/load-tests").await, &["reception", "peak of 7 d: 1.67 requests/s", "1.8.2"]);

    // It is evidence at once: a load test of this build gives the capacity.
    let item = "/services/reception/readiness/twelve-point/capacity-known";
    shows(&page(&mut browser, item).await, &["Pass", "120"]);
    let edit = page(&mut browser, &format!("{one}/edit")).await;
    shows(&edit, &["Change a load test", "100, 12, 40, 85, 0.2"]);
    let changed = typed(&[("highest", "110"), ("version", "1")]);
    assert_eq!(browser.post(&one, &changed).await.status, StatusCode::SEE_OTHER);
    shows(&page(&mut browser, &one).await, &["110 requests/s"]);

    // Somebody who saw the version before loses nothing, and nobody's change is lost.
    page(&mut browser, &format!("{one}/edit")).await;
    let conflict = browser.post(&one, &typed(&[("note", "mine"), ("version", "1")])).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    shows(
        &conflict,
        &["What ines saved", "Highest rate within SLO: 110", "Highest rate within SLO: 120", "mine"],
    );
    assert!(conflict.body.contains("name=\"version\" value=\"2\""), "{}", conflict.body);
    assert_eq!(json(&mut browser, &format!("/api/v1{one}")).await["highest_rate_within_slo"], 110.0);

    portal.member("ana", Role::Viewer).await;
    let mut viewer = portal.signed_in("ana").await;
    let seen = page(&mut viewer, &one).await;
    assert!(!seen.body.contains(">Edit<"), "{}", seen.body);
    assert_eq!(viewer.post(&one, &typed(&[])).await.status, StatusCode::FORBIDDEN);

    page(&mut browser, &format!("{one}/edit")).await;
    assert_eq!(browser.post(&format!("{one}/delete"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get(&one).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn builds_are_compared_by_rates_that_are_alike() {
    let (_portal, mut browser) = shop("reception").await;
    let before = enter(
        &mut browser,
        &[
            ("build", "1.8.1"),
            ("ran_at", "2026-11-19T10:00"),
            ("highest", "140"),
            ("stages", "98, 10, 30, 60, 0.2\n300, 80, 200, 400, 9"),
        ],
    )
    .await;
    // Of the same build, and after it: neither is the one before.
    enter(&mut browser, &[("ran_at", "2026-11-19T12:00"), ("highest", "90")]).await;
    enter(&mut browser, &[("build", "1.9.0"), ("ran_at", "2026-11-20T11:00"), ("highest", "200")]).await;
    let one = enter(&mut browser, &[]).await;
    let shown = page(&mut browser, &one).await;
    assert!(shown.body.contains(&format!("href=\"{before}\"")), "{}", shown.body);
    shows(
        &shown,
        &["against 1.8.1", "Highest rate within SLO 140 requests/s 120 requests/s worse by 14.3 %"],
    );
    shows(
        &shown,
        &[
            "p99 at 100 requests/s 60 ms 85 ms worse by 41.7 %",
            "Failed at 100 requests/s 0.20 % 0.20 % alike",
        ],
    );
    assert!(!shown.body.contains("at 300 requests/s"));

    let all = json(&mut browser, "/api/v1/load-tests?service=reception").await;
    let service = &all["services"][0];
    let builds: Vec<_> = service["builds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["build"].as_str().unwrap(), it["highest_rate_within_slo"].as_f64().unwrap()))
        .collect();
    assert_eq!(builds, [("1.8.1", 140.0), ("1.8.2", 120.0), ("1.9.0", 200.0)]);
    assert_eq!(service["tests"].as_array().unwrap().len(), 4);
    shows(&page(&mut browser, "/load-tests?service=barista").await, &["No load test is like that yet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_highest_rate_follows_from_the_steps_by_the_slos() {
    let (_portal, mut browser) = shop("reception").await;
    make_slos(&mut browser).await;
    let form = page(&mut browser, "/load-tests/new?service=reception").await;
    shows(&form, &["at most 5 % failed", "p99 within 100 ms (the SLO asks 99 %)"]);
    let stages = "100, 12, 40, 85, 0.2\n140, 12, 40, 99, 1\n200, 20, 80, 160, 2\n300, 20, 80, 90, 1";
    let one = enter(&mut browser, &[("highest", ""), ("stages", stages)]).await;
    let shown = page(&mut browser, &one).await;
    shows(&shown, &["140 requests/s 12 ms 40 ms 99 ms 1 % yes", "200 requests/s 20 ms 80 ms 160 ms 2 % no"]);
    assert_eq!(json(&mut browser, &format!("/api/v1{one}")).await["highest_rate_within_slo"], 140.0);
    let none = enter(&mut browser, &[("highest", ""), ("stages", "100, -, -, -, 40")]).await;
    shows(&page(&mut browser, &none).await, &["no step held them"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_is_shown_before_it_is_saved() {
    let (_portal, mut browser) = shop("reception").await;
    make_slos(&mut browser).await;
    page(&mut browser, "/load-tests/new?service=reception").await;
    let read = browser
        .post(
            "/load-tests/look",
            &[("service", "reception"), ("ran_at", "2026-11-20T10:00"), ("output", WRK)],
        )
        .await;
    assert_eq!(read.status, StatusCode::OK);
    shows(&read, &["Read, and not saved yet", "wrk waits for an answer", "88.98, 44, -, 48.04, 0"]);
    shows(
        &read,
        &[
            "89.0 requests/s is taken as the highest rate within SLO",
            "The build 1.8.2 is the one that runs now",
        ],
    );
    for value in ["http://127.0.0.1:8080/orders", "3.01", "88.98", "2026-11-20T10:00"] {
        assert!(read.body.contains(&format!("value=\"{value}\"")), "{value} {}", read.body);
    }
    assert_eq!(json(&mut browser, "/api/v1/load-tests").await["services"].as_array().unwrap().len(), 0);

    // A second step comes after the first one; what was typed of it stays.
    let fields = typed(&[("output", WRK), ("link", "https://ci.example/7"), ("edits", "0")]);
    let more = browser.post("/load-tests/look", &fields).await;
    shows(&more, &["100, 12, 40, 85, 0.2 88.98, 44, -, 48.04, 0", "with one instance"]);
    assert!(more.body.contains("value=\"https://ci.example/7\""), "{}", more.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_beside_its_field() {
    let (_portal, mut browser) = shop("reception").await;
    let deep = "[".repeat(200_000);
    let journal = r#"{"experiment": {}, "steady_states": {}, "status": "completed"}"#;
    for (output, told) in [
        ("", "it is no output that can be read"),
        ("hello", "it is no output that can be read"),
        ("{}", "it is no output that can be read"),
        (&*format!("{{\"metrics\":{deep}"), "no JSON"),
        (r#"{"metrics": 7}"#, "another shape"),
        (r#"{"metrics": {"http_reqs": {"count": 1e400}}}"#, "no JSON"),
        (journal, "journal of the Chaos Toolkit"),
        (&WRK.replace("88.98", "<script>alert(1)</script>"), "is no number"),
    ] {
        browser.get("/load-tests/new").await;
        let answer = browser
            .post("/load-tests/look", &[("service", "reception"), ("target", "x"), ("output", output)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{output:.80}");
        assert!(
            answer.body.to_lowercase().contains(&told.to_lowercase()),
            "{told:?} is not in {}",
            answer.body
        );
        assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    }
    for (changes, told) in [
        ([("stages", "1, 2"), ("tool", "k6")], "is no step"),
        ([("highest", "much"), ("tool", "k6")], "is no rate"),
        ([("duration", "-5"), ("tool", "k6")], "is no duration"),
        ([("tool", ""), ("note", "")], "It is empty; write for example k6."),
        ([("service", "nobody"), ("tool", "k6")], "the portal knows no service"),
        ([("highest", ""), ("stages", "")], "The test says nothing yet"),
        ([("link", "javascript:alert(1)"), ("tool", "k6")], "A link is an address"),
    ] {
        browser.get("/load-tests/new").await;
        let answer = browser.post("/load-tests", &typed(&changes)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
        assert!(
            answer.body.to_lowercase().contains(&told.to_lowercase()),
            "{told:?} is not in {}",
            answer.body
        );
    }
    // A form takes 1 MiB; what is larger is refused before it is read.
    browser.get("/load-tests/new").await;
    let large = "x".repeat(10 << 20);
    let answer = browser.post("/load-tests/look", &[("output", &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_sends_what_its_tool_wrote() {
    let (portal, mut browser) = shop("reception").await;
    make_slos(&mut browser).await;
    let kept = send(&portal, "service=reception&build=1.9.0&link=https://ci.example/7", WRK).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.body);
    let kept: Value = serde_json::from_str(&kept.body).unwrap();
    let test = &kept["load_test"];
    assert_eq!(
        (&test["build"], &test["tool"], &test["highest_rate_within_slo"]),
        (&"1.9.0".into(), &"wrk".into(), &88.98.into())
    );
    assert_eq!(test["link"], "https://ci.example/7");
    assert!(kept["remarks"][0].as_str().unwrap().contains("wrk waits"), "{kept}");
    shows(
        &page(&mut browser, &format!("/load-tests/{}", test["id"])).await,
        &["wrk waits", "token t", "yes"],
    );

    // Without a build, the one that runs.
    let kept: Value = serde_json::from_str(&send(&portal, "service=reception", WRK).await.body).unwrap();
    assert_eq!(kept["load_test"]["build"], "1.8.2");

    for (query, output, status, told) in [
        ("service=nobody", WRK.to_owned(), StatusCode::NOT_FOUND, "There is no service"),
        (
            "service=reception",
            "hello".to_owned(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "no output that can be read",
        ),
        ("service=reception", VEGETA.to_owned(), StatusCode::UNPROCESSABLE_ENTITY, "&target="),
        ("service=reception", "x".repeat(10 << 20), StatusCode::PAYLOAD_TOO_LARGE, "8 MiB"),
        ("build=1", WRK.to_owned(), StatusCode::BAD_REQUEST, ""),
    ] {
        let answer = send(&portal, query, output).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        assert!(answer.body.contains(told), "{told:?} is not in {}", answer.body);
    }
}
