//! The pages, on telemetry that came in over OTLP.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use seaworthy_catalog::Scope;
use serde_json::{Value, json};

use crate::portal::{Answer, Browser, Portal};

const TRACE: &str = "7b1f04c2d95e4d6f8a3e1c0b52f9a6d1";
const ROOT: &str = "00000000000000a1";
const BREWS: &str = "00000000000000a2";
const SELECT: &str = "00000000000000a3";

/// A portal that knows one order, taken by `service` and brewed by barista, and the browser of somebody who may look.
pub(crate) async fn shop(service: &str) -> (Portal, Browser) {
    let portal = Portal::set_up().await;
    opens(&portal, service).await;
    let browser = portal.signed_in("ines").await;
    (portal, browser)
}

/// The service tells of itself for the first time.
pub(crate) async fn opens(portal: &Portal, service: &str) {
    let token = portal.token(&[Scope::Ingest]).await;
    for (path, body) in [
        ("/v1/traces", order(portal, service)),
        ("/v1/metrics", requests(portal, service)),
        ("/api/v1/check-in", check_in(portal, service)),
    ] {
        let request = portal.browser().as_program(Method::POST, path).bearer_auth(&token).json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}: {}", response.text().await.unwrap());
    }
}

/// Nanoseconds since the epoch, as OTLP writes them in JSON: `after` milliseconds into an order 20 s ago.
fn at(portal: &Portal, after: i64) -> String {
    (portal.clock.now().as_nanosecond() - 20_000_000_000 + i128::from(after) * 1_000_000).to_string()
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn order(portal: &Portal, service: &str) -> Value {
    let at = |after| at(portal, after);
    let of = |service: &str, spans: Value| json!({"resource": {"attributes": [attribute("service.name", service)]}, "scopeSpans": [{"spans": spans}]});
    json!({"resourceSpans": [
        of(service, json!([{
            "traceId": TRACE, "spanId": ROOT, "name": "POST /orders", "kind": 2,
            "startTimeUnixNano": at(0), "endTimeUnixNano": at(236), "status": {},
            "attributes": [attribute("drink", "<img src=x onerror=alert(1)>")],
        }])),
        of("barista", json!([
            {
                "traceId": TRACE, "spanId": BREWS, "parentSpanId": ROOT, "name": "POST /brews", "kind": 2,
                "startTimeUnixNano": at(12), "endTimeUnixNano": at(220), "status": {"code": 2, "message": "no beans"},
            },
            {
                "traceId": TRACE, "spanId": SELECT, "parentSpanId": BREWS, "name": "SELECT beans_stock", "kind": 3,
                "startTimeUnixNano": at(14), "endTimeUnixNano": at(66), "status": {"code": 2, "message": "database is locked"},
                "attributes": [attribute("db.system.name", "sqlite"), attribute("db.query.text", "SELECT grams")],
            },
        ])),
    ]})
}

/// 100 requests in the last minute, 4 of them failed, all of about 0.2 s.
fn requests(portal: &Portal, service: &str) -> Value {
    let point = |status: &str, count: &str, bucket: Value| {
        json!({
            "attributes": [
                attribute("http.request.method", "POST"), attribute("http.route", "/orders"),
                attribute("http.response.status_code", status),
            ],
            "startTimeUnixNano": at(portal, -30_000), "timeUnixNano": at(portal, 0),
            "count": count, "sum": 19.2, "bucketCounts": bucket, "explicitBounds": [0.1, 0.25, 0.5],
        })
    };
    let points = json!([
        point("201", "96", json!(["0", "96", "0", "0"])),
        point("500", "4", json!(["0", "4", "0", "0"]))
    ]);
    json!({"resourceMetrics": [{
        "resource": {"attributes": [attribute("service.name", service)]},
        "scopeMetrics": [{"metrics": [
            {"name": "http.server.request.duration", "unit": "s", "histogram": {"aggregationTemporality": 1, "dataPoints": points}},
            {"name": "orders.queue", "unit": "{order}", "gauge": {"dataPoints": [{"timeUnixNano": at(portal, 0), "asInt": "7"}]}},
        ]}],
    }]})
}

fn check_in(portal: &Portal, service: &str) -> Value {
    let now = portal.clock.now();
    json!({
        "service": service, "instance": "till-1", "sequence": 1, "sent_at": now, "state": "running",
        "build": {"version": "1.8.2", "commit": "4f2c9abdeadbeef"},
        "process": {"host": "till-host", "pid": 4127, "started_at": now},
        "health": {"status": "Partially Available", "checks": [
            {"name": "beans", "critical": false, "result": {"is": "fail", "reason": "timed out after 2 s"}},
        ]},
        "figures": {"cpu_cores": 0.5, "cpu_limit_cores": 2.0, "memory_bytes": 104857600, "memory_limit_bytes": 209715200,
            "requests_in_flight": 3},
        "losses": [{"signal": "spans", "reason": "queue_full", "count": 12}],
    })
}

/// The page, which must be one.
pub(crate) async fn page(browser: &mut Browser, path: &str) -> Answer {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
    assert!(!answer.body.contains("<!>"), "marks of the renderer: {}", answer.body);
    answer
}

/// Text as a person reads it: without tags, blanks as one.
fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        let shown = part.split_once('>').map_or(part, |(tag, shown)| {
            let inline = ["span", "/span", "b", "/b", "!", "a", "/a", "small", "/small", "time", "/time"];
            if !inline.contains(&tag.split([' ', '-']).next().unwrap()) {
                text.push(' ');
            }
            shown
        });
        text.push_str(shown);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
pub(crate) fn shows(answer: &Answer, wanted: &[&str]) {
    let text = text(&answer.body);
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_tells_how_every_service_is() {
    let (portal, mut browser) = shop("reception").await;
    let fleet = page(&mut browser, "/").await;
    shows(
        &fleet,
        &["2 services", "Partially Available", "beans fails", "1.8.2", "4 %", "No agent", "barista"],
    );
    // 100 requests in the minute that it is old.
    shows(&fleet, &["1.67", "0 s ago"]);
    assert!(fleet.body.contains(r#"href="/services/reception""#));
    // The page asks for itself again, as JSON the same is told.
    assert!(fleet.body.contains(r##"hx-get="/" hx-trigger="every 5s" hx-select="#live""##), "{}", fleet.body);

    portal.clock.advance(std::time::Duration::from_secs(60));
    shows(&page(&mut browser, "/").await, &["Agent lost", "no check-in for 60 s", "0 of 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_page_tells_signals_routes_instances_versions_and_metrics() {
    let (_portal, mut browser) = shop("reception").await;
    let service = page(&mut browser, "/services/reception?range=1h").await;
    shows(&service, &["Rate", "Errors", "Duration", "Saturation", "POST /orders", "Slow traces"]);
    shows(&service, &["till-1", "till-host · pid 4127", "beans: timed out after 2 s", "25 %", "50 %"]);
    shows(
        &service,
        &[
            "telemetry lost: 12 spans, the agent's queue was full",
            "Versions seen",
            "4f2c9ab",
            "orders.queue",
            "7 orders",
        ],
    );
    for range in ["1 h", "6 h", "24 h", "7 d", "30 d"] {
        shows(&service, &[range]);
    }
    // What stands under the pointer is there without a request.
    assert!(service.body.contains("data-points="), "{}", service.body);

    // A service that only sends spans.
    let barista = page(&mut browser, "/services/barista").await;
    shows(&barista, &["No agent", "No instance has checked in", "server spans with an error status"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_found_and_shown_to_the_nanosecond() {
    let (_portal, mut browser) = shop("reception").await;
    let found = page(&mut browser, "/traces?service=barista&errors=1&min=100ms&attributes=").await;
    shows(&found, &["1 trace", "POST /orders", "236 ms", "2 errors", "reception 1", "barista 2"]);
    assert!(found.body.contains(&format!("href=\"/traces/{TRACE}\"")));
    shows(&page(&mut browser, "/traces?attributes=db.system.name%3Dmysql").await, &["No trace matches"]);

    let path = format!("/traces/{TRACE}");
    let trace = page(&mut browser, &path).await;
    shows(&trace, &["POST /orders", TRACE, "236 ms", "236,000,000 ns", "2 errors", "2 services · sqlite"]);
    // What failed deepest is opened by itself.
    shows(&trace, &["database is locked", "52.000000 ms", "+14.000000 ms", "db.query.text SELECT grams"]);

    let root = page(&mut browser, &format!("{path}?span={ROOT}&from=1000000&to=2000000")).await;
    shows(&root, &["Whole trace", "+0 ns", "236.000000 ms", "server span"]);
    assert!(
        root.body.contains(&format!("id=\"span-{ROOT}\" data-depth=\"0\" aria-current=\"true\"")),
        "{}",
        root.body
    );

    // A script asks for the details alone.
    let request =
        browser.request(Method::GET, &format!("{path}?span={BREWS}")).header("hx-target", "span-details");
    let details = browser.send(request).await;
    assert!(details.body.starts_with("<section"), "{}", details.body);
    shows(&details, &["POST /brews", "no beans"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_send_is_shown_as_text() {
    let hostile = r#"</title><script>alert(1)</script>"'&/?#"#;
    let (_portal, mut browser) = shop(hostile).await;
    let encoded: String = hostile.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut seen = 0;
    for path in [
        "/".to_owned(),
        format!("/services/{encoded}"),
        format!("/traces?service={encoded}&operation={encoded}&min={encoded}&attributes={encoded}"),
        "/traces".to_owned(),
        format!("/traces/{TRACE}"),
        format!("/traces/{TRACE}?span={ROOT}"),
        format!("/search?q={encoded}x"),
    ] {
        let answer = page(&mut browser, &path).await;
        assert!(!answer.body.contains("<script>alert"), "{path}: {}", answer.body);
        assert!(!answer.body.contains("<img"), "{path}: {}", answer.body);
        seen += usize::from(answer.body.contains("&lt;script&gt;alert(1)"));
    }
    assert_eq!(seen, 7, "every page names the service");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_need_neither_inline_script_nor_style_and_name_only_icons_that_exist() {
    let (_portal, mut browser) = shop("reception").await;
    let trace = format!("/traces/{TRACE}");
    let mut icons = BTreeSet::new();
    let mut assets = BTreeSet::new();
    for path in [
        "/",
        "/services/reception",
        "/traces",
        &trace,
        "/account",
        "/settings/tokens",
        "/settings/people",
        "/sign-in",
    ] {
        let answer = browser.get(path).await;
        assert!(!answer.body.contains(" style="), "{path}");
        assert!(!answer.body.contains("<style"), "{path}");
        for tag in answer.body.split("<script").skip(1) {
            assert!(tag.split('>').next().unwrap().contains(" src=\"/assets/"), "{path}: {tag:.80}");
        }
        for address in answer.body.split("\"/assets/").skip(1) {
            let address = format!("/assets/{}", address.split('"').next().unwrap());
            match address.split_once('#') {
                Some((_, icon)) => drop(icons.insert(icon.to_owned())),
                None => drop(assets.insert(address)),
            }
        }
    }
    let version = assets.first().unwrap().split('/').nth(2).unwrap().to_owned();
    let sprite = browser.get(&format!("/assets/{version}/icons.svg")).await;
    for icon in &icons {
        assert!(sprite.body.contains(&format!("id=\"{icon}\"")), "no icon {icon}");
    }
    assert!(icons.len() > 10 && assets.len() >= 5, "{icons:?} {assets:?}");
    for asset in &assets {
        let answer = browser.get(asset).await;
        assert_eq!(answer.status, StatusCode::OK, "{asset}");
        assert!(answer.header("cache-control").contains("immutable"), "{asset}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_told_beside_its_field_or_as_a_problem() {
    let (_portal, mut browser) = shop("reception").await;
    let search = page(&mut browser, "/traces?min=soon&attributes=x").await;
    shows(&search, &["\"soon\" is not a duration", "\"x\" is not key=value", "Nothing was searched"]);
    for (path, status, told) in [
        ("/traces/xyz", StatusCode::BAD_REQUEST, "This is not a trace id"),
        ("/traces/00000000000000000000000000000001", StatusCode::NOT_FOUND, "There is no such trace"),
        ("/services/nobody", StatusCode::NOT_FOUND, "There is no service"),
        ("/services/reception?range=9y", StatusCode::BAD_REQUEST, "range"),
        ("/assets/x/../../Cargo.toml", StatusCode::NOT_FOUND, "There is no such page"),
        ("/assets/x/nothing.css", StatusCode::NOT_FOUND, "There is no such file"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(text(&answer.body).contains(told), "{path}: {}", text(&answer.body));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_portal_tells_what_to_do_next() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    let first = page(&mut browser, "/").await;
    shows(
        &first,
        &["no services yet", "Make an ingest token", "Waiting for the first check-in", "seaworthy demo"],
    );
    shows(&page(&mut browser, "/traces").await, &["No trace matches", "Start a service with the agent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_leads_to_a_trace_or_a_service() {
    let (_portal, mut browser) = shop("reception").await;
    for (asked, leads) in [
        (TRACE, format!("/traces/{TRACE}")),
        ("recep", "/services/reception".to_owned()),
        ("BARISTA", "/services/barista".to_owned()),
    ] {
        let answer = browser.get(&format!("/search?q={asked}")).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::SEE_OTHER, leads.as_str()),
            "{asked}"
        );
    }
    shows(&page(&mut browser, "/search?q=r").await, &["Search for “r”", "barista", "reception"]);
    shows(&page(&mut browser, "/search?q=nobody").await, &["No service has this in its name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_told_in_the_zone_of_whoever_looks_with_utc_on_hover() {
    let (_portal, mut browser) = shop("reception").await;
    let path = format!("/traces/{TRACE}");
    shows(&page(&mut browser, &path).await, &["Fri 20 Nov 2026, 11:59:40 UTC"]);
    browser.cookies.insert("seaworthy-zone".into(), "Asia/Kolkata".into());
    browser.cookies.insert("seaworthy-theme".into(), "dark".into());
    let answer = page(&mut browser, &path).await;
    shows(&answer, &["Fri 20 Nov 2026, 17:29:40 IST"]);
    assert!(answer.body.contains(r#"title="2026-11-20 11:59:40.000 UTC""#), "{}", answer.body);
    assert!(answer.body.contains(r#"<html lang="en" data-theme="dark">"#), "{:.200}", answer.body);
}
