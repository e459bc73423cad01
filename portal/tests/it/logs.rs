//! Log records come in over OTLP and are found, on pages and over the API.

use reqwest::{Method, StatusCode};
use seaworthy_catalog::Scope;
use serde_json::{Value, json};

use crate::{
    pages::{page, shop, shows},
    portal::{Browser, Portal},
};

const TRACE: &str = "7b1f04c2d95e4d6f8a3e1c0b52f9a6d1";
const BREWS: &str = "00000000000000a2";

/// Nanoseconds since the epoch, so many milliseconds ago.
pub(crate) fn ago(portal: &Portal, milliseconds: i64) -> String {
    (portal.clock.now().as_nanosecond() - i128::from(milliseconds) * 1_000_000).to_string()
}

pub(crate) fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// Records of a service in a request of OTLP's JSON.
pub(crate) fn of_service(service: &str, version: &str, records: Value) -> Value {
    json!({"resourceLogs": [{
        "resource": {"attributes": [attribute("service.name", service), attribute("service.version", version)]},
        "scopeLogs": [{"scope": {"name": "shop::orders"}, "logRecords": records}],
    }]})
}

/// Sends records, and gives what the portal answers.
pub(crate) async fn send(portal: &Portal, path: &str, body: &Value) -> Value {
    let token = portal.token(&[Scope::Ingest]).await;
    let request = portal.browser().as_program(Method::POST, path).bearer_auth(&token).json(body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{}", response.text().await.unwrap());
    response.json().await.unwrap()
}

pub(crate) async fn json(browser: &mut Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Three lines, one of them during the brew of the order that `shop` took.
fn lines(portal: &Portal) -> Value {
    let line = |ago: String, severity: u32, text: &str, body: &str| json!({"timeUnixNano": ago, "severityNumber": severity, "severityText": text, "body": {"stringValue": body}});
    let mut brewing = line(ago(portal, 19_950), 17, "ERROR", "no beans for <b>order</b> 17");
    brewing["traceId"] = json!(TRACE);
    brewing["spanId"] = json!(BREWS);
    brewing["attributes"] = json!([
        {"key": "order.id", "value": {"intValue": "17"}},
        attribute("code.file.path", "src/brew.rs"),
        {"key": "code.line.number", "value": {"intValue": "42"}},
    ]);
    let open = line(ago(portal, 60_000), 9, "INFO", "the shop is open");
    let grinding = line(ago(portal, 30_000), 5, "DEBUG", "grinding");
    of_service("barista", "1.8.2", json!([open, grinding, brewing]))
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_found_and_open_to_tell_the_rest() {
    let (portal, mut browser) = shop("reception").await;
    assert_eq!(send(&portal, "/v1/logs", &lines(&portal)).await, json!({"partialSuccess": null}));

    let answer = page(&mut browser, "/logs").await;
    shows(
        &answer,
        &["3 lines", "All lines", "the shop is open", "grinding", "no beans for &lt;b&gt;order&lt;/b&gt; 17"],
    );
    shows(&answer, &["order.id 17", "src/brew.rs:42", "shop::orders", "1 errors", "1 debug"]);
    assert!(answer.body.contains(&format!("/traces/{TRACE}?span={BREWS}")), "{}", answer.body);
    assert!(answer.body.find("no beans") < answer.body.find("the shop is open"), "latest first");

    for (query, shown, hidden) in [
        ("level=warn", "no beans", "the shop is open"),
        ("text=grinding", "grinding", "no beans"),
        ("text=\"shop+is\"", "the shop is open", "grinding"),
        ("text=gr*", "grinding", "no beans"),
        ("fields=order.id%3D17", "no beans", "grinding"),
        ("trace=7b1f04c2d95e4d6f8a3e1c0b52f9a6d1", "no beans", "grinding"),
        ("target=shop&service=barista", "grinding", "No line matches"),
    ] {
        let answer = page(&mut browser, &format!("/logs?{query}")).await;
        shows(&answer, &[shown]);
        assert!(!answer.body.contains(hidden), "{query} shows {hidden}");
    }
    shows(&page(&mut browser, "/logs?text=latte").await, &["No line matches"]);
    shows(
        &page(&mut browser, "/logs?service=reception").await,
        &["No line was sent in this time", "/v1/logs"],
    );
    let mistaken = page(&mut browser, "/logs?trace=7&level=loud").await;
    shows(&mistaken, &["Nothing was searched", "is no trace id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_stand_with_their_trace_and_their_span() {
    let (portal, mut browser) = shop("reception").await;
    send(&portal, "/v1/logs", &lines(&portal)).await;
    let answer = page(&mut browser, &format!("/traces/{TRACE}?span={BREWS}")).await;
    shows(&answer, &["1 line logged", "Lines", "no beans for &lt;b&gt;order&lt;/b&gt; 17"]);
    let other = page(&mut browser, &format!("/traces/{TRACE}?span=00000000000000a1")).await;
    shows(&other, &["1 line logged"]);
    let twice = |answer: &crate::portal::Answer| answer.body.matches("no beans for").count();
    assert!(twice(&answer) > twice(&other), "beside the span that it belongs to, and only there");
    let trace = json(&mut browser, &format!("/api/v1/traces/{TRACE}")).await;
    assert_eq!(trace["lines"][0]["span_id"], BREWS);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_says_what_the_page_shows_and_leads_to_older_lines() {
    let (portal, mut browser) = shop("reception").await;
    let many: Vec<Value> = (0..450)
        .map(|number| json!({"timeUnixNano": ago(&portal, 1_000 + number), "severityNumber": 9, "body": {"stringValue": format!("line {number}")}}))
        .collect();
    send(&portal, "/v1/logs", &of_service("barista", "1", json!(many))).await;
    let mut path = "/api/v1/logs?service=barista".to_owned();
    let mut found = Vec::new();
    loop {
        let view = json(&mut browser, &path).await;
        found.extend(view["lines"].as_array().unwrap().iter().map(|line| line["message"].clone()));
        let Some(older) = view["older"].as_str() else { break };
        path = format!("/api/v1/logs?service=barista&before={older}");
    }
    assert_eq!(found, (0..450).map(|number| json!(format!("line {number}"))).collect::<Vec<_>>());
    let answer = browser.get("/api/v1/logs?before=x").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.body.contains("before"), "{}", answer.body);
    let first = page(&mut browser, "/logs?service=barista").await;
    shows(&first, &["200 lines", "Older lines"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_time_is_told_by_reason_and_the_rest_is_stored() {
    let (portal, mut browser) = shop("reception").await;
    let records = json!([
        {"timeUnixNano": ago(&portal, 0), "body": {"stringValue": "kept"}},
        {"timeUnixNano": "1", "body": {"stringValue": "of 1970"}},
    ]);
    let answer = send(&portal, "/v1/logs", &of_service("barista", "1", records)).await;
    assert_eq!(answer["partialSuccess"]["rejectedLogRecords"], 1, "{answer}");
    let told = answer["partialSuccess"]["errorMessage"].as_str().unwrap();
    assert!(told.contains("of 1970") && told.contains("before what is kept"), "{told}");
    let found = json(&mut browser, "/api/v1/logs").await;
    assert_eq!(found["lines"].as_array().unwrap().len(), 1);
}
