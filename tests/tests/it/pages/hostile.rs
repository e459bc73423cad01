//! Names and values that would do harm if a page took them for more than text.

use opentelemetry_proto::tonic::{
    common::v1::KeyValue,
    metrics::v1::{
        AggregationTemporality::Delta, NumberDataPoint, Sum, metric::Data, number_data_point::Value as Number,
    },
    trace::v1::{Span, Status, span::Event, status},
};
use reqwest::StatusCode;
use seaworthy_tests::{Answer, Browser, LOGIN, Look, PASSWORD, Portal, otlp};
use serde_json::{Value, json};

use super::assert_sound;
use crate::portal;

/// As a name of whatever has one.
const HOSTILE: &str =
    "</title><img src=x onerror=\"window.harmed=1\"><script>window.harmed=1</script>'\"`&amp;${7*7}";
/// As a name that breaks lines, directions and widths.
const ODD: [&str; 4] =
    ["\u{202e}desrever\u{202c}", "a\nb\tc\0d\u{7f}", "🫖\u{200d}☕ Zürich ﷽", "%00%2f../..;=?#"];

async fn send(portal: &Portal, trace: [u8; 16], service: &str) {
    let attributes: Vec<KeyValue> = ODD
        .into_iter()
        .chain([
            HOSTILE,
            "db.query.text",
            "http.route",
            "exception.type",
            "exception.message",
            "exception.stacktrace",
        ])
        .map(|key| otlp::attribute(key, HOSTILE))
        .chain([otlp::attribute("long", &"x".repeat(20_000))])
        .collect();
    let event = |name: &str| Event {
        time_unix_nano: otlp::now(),
        name: name.into(),
        attributes: attributes.clone(),
        ..Event::default()
    };
    let root = otlp::span(trace, 1, HOSTILE);
    let below = |(number, name): (usize, &str)| Span {
        parent_span_id: 1u64.to_be_bytes().into(),
        attributes: attributes.clone(),
        events: vec![event(HOSTILE), event("exception")],
        status: Some(Status { message: HOSTILE.into(), code: status::StatusCode::Error.into() }),
        trace_state: HOSTILE.into(),
        ..otlp::span(trace, number as u64 + 2, name)
    };
    let long = "long ".repeat(1000);
    let others = ODD.into_iter().chain([&*long, HOSTILE]).enumerate().map(below);
    let spans = otlp::spans(service, [root].into_iter().chain(others).collect());
    let taken = portal.sender().export(otlp::TRACES, &spans).await.unwrap();
    assert_eq!((taken.status, taken.body.len()), (StatusCode::OK, 0), "{}", taken.text());

    let time = otlp::now();
    let point = NumberDataPoint {
        start_time_unix_nano: time - 1_000_000_000,
        time_unix_nano: time,
        attributes,
        value: Some(Number::AsInt(1)),
        ..NumberDataPoint::default()
    };
    let sum = Sum { data_points: vec![point], aggregation_temporality: Delta.into(), is_monotonic: true };
    let metrics = otlp::metrics(service, vec![otlp::metric(HOSTILE, HOSTILE, Data::Sum(sum))]);
    let taken = portal.sender().export(otlp::METRICS, &metrics).await.unwrap();
    assert_eq!((taken.status, taken.body.len()), (StatusCode::OK, 0), "{}", taken.text());
    check_in(portal, service).await;
}

async fn check_in(portal: &Portal, service: &str) {
    let now = jiff::Timestamp::now();
    let check =
        |name: &str| json!({"name": name, "critical": false, "result": {"is": "fail", "reason": HOSTILE}});
    let message = json!({
        "service": service, "instance": HOSTILE, "environment": HOSTILE, "agent": HOSTILE, "sequence": 1,
        "sent_at": now, "state": "running", "build": {"version": HOSTILE, "commit": HOSTILE},
        "process": {"host": HOSTILE, "pid": 1, "started_at": now, "admin_address": "javascript:window.harmed=1"},
        "health": {"status": "Partially Available", "checks": [check(HOSTILE), check(ODD[0])]},
    });
    let taken = portal.sender().post("/api/v1/check-in", "application/json", message.to_string()).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
}

fn encoded(segment: &str) -> String {
    segment.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The text is there as it was sent, and nothing of it has been done.
async fn assert_harmless(browser: &Browser, path: &str) {
    for look in [Look::ALL[0], Look::ALL[2]] {
        browser.look(look).await;
        browser.visit(path).await;
        let source = browser.evaluate("document.body.textContent").await;
        assert!(source.as_str().unwrap().contains("<script>window.harmed=1</script>"), "{path}: {source}");
        assert_eq!(browser.evaluate("window.harmed === undefined").await, Value::Bool(true), "{path}");
        assert_eq!(browser.evaluate("document.querySelectorAll('main img').length").await, 0, "{path}");
        assert_sound(browser, &format!("{path} {look:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_text_on_every_page() {
    let portal = portal().await;
    let trace = otlp::trace_id();
    send(&portal, trace, HOSTILE).await;
    let browser = Browser::start(portal.url()).await;
    browser.sign_in(LOGIN, PASSWORD).await;
    let service = encoded(HOSTILE);
    let trace = otlp::hex(&trace);
    let errors = portal.reader().json("/api/v1/errors").await;
    let error = format!("/errors/{}", errors["groups"][0]["id"].as_str().unwrap());
    for path in [
        "/".to_owned(),
        format!("/services/{service}"),
        "/capacity".to_owned(),
        format!("/capacity?service={service}"),
        "/traces".to_owned(),
        format!("/traces?service={service}&operation={service}"),
        format!("/traces?attributes={service}&min={service}"),
        format!("/traces/{trace}"),
        format!("/traces/{trace}?span=0000000000000003"),
        format!("/traces/{service}"),
        format!("/search?q={service}"),
        "/logs".to_owned(),
        format!("/logs?service={service}&text={service}&fields={service}"),
        "/errors".to_owned(),
        error,
    ] {
        assert_harmless(&browser, &path).await;
    }
}

#[tokio::test]
async fn odd_names_of_services_can_be_looked_at() {
    let portal = portal().await;
    let mut admin = portal.visitor();
    admin.sign_in(LOGIN, PASSWORD).await;
    for name in ODD.into_iter().chain(["a/b", " spaced out ", "é"]) {
        let trace = otlp::trace_id();
        let spans = otlp::spans(name, vec![otlp::span(trace, 1, name)]);
        assert_eq!(portal.sender().export(otlp::TRACES, &spans).await.unwrap().status, StatusCode::OK);
        let page: Answer = admin.get(&format!("/traces/{}", otlp::hex(&trace))).await;
        assert_eq!(page.status, StatusCode::OK, "{name:?}");
    }
    let fleet = admin.get("/").await.text();
    let links: Vec<_> =
        fleet.split("href=\"/services/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(links.len(), 7, "{links:?}");
    for link in links {
        let page = admin.get(&format!("/services/{link}")).await;
        assert_eq!(page.status, StatusCode::OK, "{link}: {}", page.text());
    }
}
