//! Logs and errors of a small shop.

use reqwest::StatusCode;
use seaworthy_tests::{Browser, LOGIN, PASSWORD, Portal, otlp};
use serde_json::{Value, json};

use super::inspect;
use crate::portal;

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// A line of the shop, so long ago, within a trace or none.
fn line(before: u64, severity: u32, message: &str, trace: Option<&str>) -> Value {
    let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    let span = trace.map(|_| "0000000000000001");
    json!({
        "timeUnixNano": (otlp::now() - before).to_string(), "severityNumber": severity,
        "severityText": levels[(severity as usize - 1) / 4], "body": {"stringValue": message},
        "traceId": trace.unwrap_or_default(), "spanId": span.unwrap_or_default(),
        "attributes": [text("order.id", "17"), text("drink", "flat white"), text("code.file.path", "src/orders.rs")],
    })
}

/// An exception at some function of the shop.
fn exception(before: u64, kind: &str, message: &str, function: &str, trace: Option<&str>) -> Value {
    let stack = format!(
        "   0: core::option::unwrap_failed\n             at /rustc/59/library/core/src/option.rs:2040:5\n   1: {function}\n             at ./src/fridge.rs:41:9\n   2: coffee_shop::orders::take\n             at ./src/orders.rs:117:20\n   3: <axum::handler::Layered as tower::Service>::call\n             at /root/.cargo/registry/src/axum-0.8/src/handler.rs:12:3\n"
    );
    let mut line = line(before, 17, message, trace);
    line["eventName"] = json!("exception");
    line["attributes"] = json!([
        text("exception.type", kind),
        text("exception.message", message),
        text("exception.stacktrace", &stack),
        text("seaworthy.error.origin", "capture"),
    ]);
    line
}

async fn send(portal: &Portal, service: &str, version: &str, records: Vec<Value>) {
    let body = json!({"resourceLogs": [{
        "resource": {"attributes": [text("service.name", service), text("service.version", version), text("service.instance.id", "till-1")]},
        "scopeLogs": [{"scope": {"name": "coffee_shop::orders"}, "logRecords": records}],
    }]});
    let taken = portal.sender().post("/v1/logs", "application/json", body.to_string()).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
}

async fn a_busy_hour(portal: &Portal) -> String {
    let trace = otlp::trace_id();
    let spans = otlp::spans("reception", vec![otlp::span(trace, 1, "POST /orders")]);
    assert_eq!(portal.sender().export(otlp::TRACES, &spans).await.unwrap().status, StatusCode::OK);
    let trace = otlp::hex(&trace);
    let mut lines = Vec::new();
    for minute in 1..58 {
        for number in 0..(minute * 7 % 11) {
            let (severity, message) = match number {
                0 => (5, "looking into the fridge"),
                3 => (
                    13,
                    "the milk is nearly gone: 0.4 l left of 12 l, and it is four hours to the next delivery of the dairy",
                ),
                _ => (9, "order taken"),
            };
            lines.push(line(minute * MINUTE + number, severity, message, None));
        }
    }
    lines.push(line(3 * SECOND, 9, "order 17 begins", Some(&trace)));
    lines.push(line(2 * SECOND, 13, "no oat milk, asking for cow's", Some(&trace)));
    lines.push(exception(
        SECOND,
        "coffee_shop::NoMilk",
        "no milk for order 17",
        "coffee_shop::fridge::milk",
        Some(&trace),
    ));
    for minute in [9, 21, 22, 40] {
        lines.push(exception(
            minute * MINUTE,
            "coffee_shop::NoMilk",
            "no milk for order 3",
            "coffee_shop::fridge::milk",
            None,
        ));
        lines.push(exception(
            minute * MINUTE + 1,
            "panic",
            "index out of bounds: the len is 3 but the index is 7",
            "coffee_shop::brew::grind",
            None,
        ));
    }
    send(portal, "reception", "1.8.2", lines).await;
    send(
        portal,
        "reception",
        "1.9.0",
        vec![exception(
            MINUTE,
            "panic",
            "index out of bounds: the len is 3 but the index is 7",
            "coffee_shop::brew::grind",
            None,
        )],
    )
    .await;
    send(
        portal,
        "barista",
        "0.4.1",
        vec![exception(
            2 * MINUTE,
            "TimeoutError",
            "the grinder did not answer within 2 s",
            "coffee_shop::grinder::grind",
            None,
        )],
    )
    .await;
    trace
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_errors_are_shown() {
    let portal = portal().await;
    let browser = Browser::start(portal.url()).await;
    browser.sign_in(LOGIN, PASSWORD).await;
    inspect(&browser, "no-logs", "/logs").await;
    inspect(&browser, "no-errors", "/errors").await;
    let trace = a_busy_hour(&portal).await;
    let errors = portal.reader().json("/api/v1/errors").await;
    let groups = errors["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 3, "{errors}");
    let no_milk = groups.iter().find(|group| group["kind"] == "coffee_shop::NoMilk").unwrap();
    let path = format!("/errors/{}", no_milk["id"].as_str().unwrap());
    inspect(&browser, "logs", "/logs").await;
    inspect(&browser, "logs-of-service", "/logs?service=reception&level=warn&text=milk").await;
    inspect(&browser, "errors", "/errors").await;
    inspect(&browser, "error", &path).await;
    inspect(&browser, "trace-with-lines", &format!("/traces/{trace}")).await;

    // A line opens, and leads to its error.
    browser.visit("/logs?level=error&service=reception").await;
    browser.click(".lines li:first-child summary").await;
    browser.screenshot("logs-open", seaworthy_tests::Look::ALL[0]).await;
    assert!(browser.text().await.contains("all of this kind"), "{}", browser.text().await);

    browser.visit(&path).await;
    browser.submit("form[action$='/resolve']").await;
    assert_eq!(browser.path().await, path);
    assert!(browser.text().await.contains("resolved by ines in the next build"), "{}", browser.text().await);
}
