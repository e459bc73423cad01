//! Errors that services tell of become groups, which people look after.

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    logs::{ago, attribute, json, of_service, send},
    pages::{page, shop, shows},
    portal::{Browser, Portal},
};

const TRACE: &str = "7b1f04c2d95e4d6f8a3e1c0b52f9a6d1";
const BREWS: &str = "00000000000000a2";

/// An exception of a Rust service, so many milliseconds ago, in a build of some line numbers.
fn no_milk(portal: &Portal, before: i64, line: u32) -> Value {
    let stack = format!(
        "   0: core::option::unwrap_failed\n             at /rustc/59/library/core/src/option.rs:2040:5\n   1: shop::brew::pour::h{line:016x}\n             at ./src/brew.rs:{line}:9\n   2: tokio::runtime::task\n"
    );
    json!({
        "timeUnixNano": ago(portal, before), "severityNumber": 21, "severityText": "FATAL", "eventName": "exception",
        "traceId": TRACE, "spanId": BREWS, "body": {"stringValue": format!("no milk for order {line}")},
        "attributes": [
            attribute("exception.type", "panic"),
            attribute("exception.message", &format!("no milk for order {line}")),
            attribute("exception.stacktrace", &stack),
            attribute("seaworthy.error.origin", "panic"),
        ],
    })
}

async fn only_group(browser: &mut Browser, query: &str) -> Value {
    let view = json(browser, &format!("/api/v1/errors{query}")).await;
    assert_eq!(view["groups"].as_array().unwrap().len(), 1, "{view}");
    view["groups"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_become_groups_with_their_stack_their_builds_and_what_was_logged_before() {
    let (portal, mut browser) = shop("reception").await;
    shows(&page(&mut browser, "/errors").await, &["No error has been told of"]);
    let before = json!({
        "timeUnixNano": ago(&portal, 19_990), "severityNumber": 9, "traceId": TRACE, "spanId": BREWS,
        "body": {"stringValue": "opening the fridge"},
    });
    send(
        &portal,
        "/v1/logs",
        &of_service(
            "barista",
            "1.8.2",
            json!([before, no_milk(&portal, 19_960, 17), no_milk(&portal, 19_950, 18)]),
        ),
    )
    .await;
    send(&portal, "/v1/logs", &of_service("barista", "1.9.0", json!([no_milk(&portal, 19_940, 2040)]))).await;

    let group = only_group(&mut browser, "").await;
    assert_eq!((&group["count"], &group["standing"]), (&json!(3), &json!("new")));
    let listed = page(&mut browser, "/errors").await;
    shows(
        &listed,
        &[
            "To see to 1",
            "New",
            "panic",
            "no milk for order 2040",
            "shop::brew::pour",
            "1.8.2 to 1.9.0",
            "barista",
        ],
    );

    let path = format!("/errors/{}", group["id"].as_str().unwrap());
    let one = page(&mut browser, &path).await;
    shows(
        &one,
        &[
            "panic",
            "Stack",
            "./src/brew.rs:2040",
            "Latest occurrences",
            "opening the fridge",
            "Builds",
            "1.9.0",
        ],
    );
    shows(&one, &["Whole stack, 3 calls", "core::option::unwrap_failed"]);
    assert!(one.body.contains(&format!("/traces/{TRACE}?span={BREWS}")), "{}", one.body);
    let view = json(&mut browser, &format!("/api/v1{path}")).await;
    assert_eq!(
        (view["frames"][1]["own"].clone(), view["occurrences"].as_array().unwrap().len()),
        (json!(true), 3)
    );
    assert_eq!(view["request_lines"][0]["message"], "opening the fridge");
    let in_logs = page(&mut browser, "/logs?level=fatal").await;
    assert!(in_logs.body.contains(&path), "a line leads to its group");

    let service = page(&mut browser, "/services/barista").await;
    shows(&service, &["1 error to see to"]);
    shows(&page(&mut browser, "/errors?service=reception").await, &["No error here"]);
    assert_eq!(browser.get("/errors/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_in_spans_count_too() {
    let (portal, mut browser) = shop("reception").await;
    let event = json!({
        "timeUnixNano": ago(&portal, 950), "name": "exception",
        "attributes": [
            attribute("exception.type", "NoMilk"), attribute("exception.message", "none left"),
            attribute("exception.stacktrace", "Traceback (most recent call last):\n  File \"/app/shop.py\", line 3, in order\n    x\nNoMilk: none left\n"),
        ],
    });
    let span = json!({
        "traceId": "7b1f04c2d95e4d6f8a3e1c0b52f9a6d2", "spanId": "00000000000000b1", "name": "POST /orders",
        "startTimeUnixNano": ago(&portal, 1_000), "endTimeUnixNano": ago(&portal, 900), "events": [event],
    });
    let body = json!({"resourceSpans": [{
        "resource": {"attributes": [attribute("service.name", "till")]}, "scopeSpans": [{"spans": [span]}],
    }]});
    send(&portal, "/v1/traces", &body).await;
    let group = only_group(&mut browser, "?service=till").await;
    assert_eq!((&group["kind"], &group["place"]), (&json!("NoMilk"), &json!("order (/app/shop.py:3)")));
    let path = format!("/errors/{}", group["id"].as_str().unwrap());
    shows(&page(&mut browser, &path).await, &["none left", "order", "/app/shop.py:3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_resolve_mute_and_reopen_and_what_comes_again_has_regressed() {
    let (portal, mut browser) = shop("reception").await;
    portal.member("otto", Role::Editor).await;
    let mut editor = portal.signed_in("otto").await;
    let fails = async |build: &str, before: i64| {
        send(&portal, "/v1/logs", &of_service("barista", build, json!([no_milk(&portal, before, 17)]))).await;
    };
    fails("1.8.2", 1_000).await;
    let group = only_group(&mut browser, "").await;
    let path = format!("/errors/{}", group["id"].as_str().unwrap());

    editor.get(&path).await;
    let resolved = editor.post(&format!("{path}/resolve"), &[("build", "1.9.0")]).await;
    assert_eq!((resolved.status, resolved.header("location")), (StatusCode::SEE_OTHER, path.as_str()));
    assert_eq!(json(&mut browser, "/api/v1/errors").await["groups"], json!([]));
    let group = only_group(&mut browser, "?state=resolved").await;
    assert_eq!(group["said"], "resolved by otto in build 1.9.0");

    portal.clock.advance(std::time::Duration::from_secs(60));
    fails("1.8.2", 1_000).await;
    assert_eq!(
        only_group(&mut browser, "?state=all").await["standing"],
        "resolved",
        "that build has it still"
    );
    fails("1.9.0", 500).await;
    let group = only_group(&mut browser, "").await;
    assert_eq!(
        (&group["standing"], &group["said"]),
        (&json!("regressed"), &json!("came again in build 1.9.0"))
    );
    shows(&page(&mut browser, "/errors").await, &["Regressed"]);

    editor.post(&format!("{path}/mute"), &[("hours", "24")]).await;
    assert_eq!(only_group(&mut browser, "?state=muted").await["standing"], "muted");
    let mistaken = editor.post(&format!("{path}/mute"), &[("hours", "5")]).await;
    assert_eq!(mistaken.status, StatusCode::UNPROCESSABLE_ENTITY);
    editor.post(&format!("{path}/reopen"), &[]).await;
    let shown = page(&mut browser, &path).await;
    shows(&shown, &["History", "resolved in build 1.9.0", "muted until", "reopened", "otto"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_counts_its_errors_once() {
    let (portal, mut browser) = shop("reception").await;
    let request = of_service(
        "barista",
        "1.8.2",
        json!([no_milk(&portal, 19_960, 17), no_milk(&portal, 19_960, 17), no_milk(&portal, 19_950, 18)]),
    );
    for _ in 0..3 {
        send(&portal, "/v1/logs", &request).await;
    }
    assert_eq!(only_group(&mut browser, "").await["count"], 3);
    let other = of_service("barista", "1.8.2", json!([no_milk(&portal, 19_940, 17)]));
    send(&portal, "/v1/logs", &other).await;
    let group = only_group(&mut browser, "").await;
    assert_eq!(group["count"], 4);
    let view = json(&mut browser, &format!("/api/v1/errors/{}", group["id"].as_str().unwrap())).await;
    assert_eq!(view["occurrences"].as_array().unwrap().len(), 4, "as many as its lines");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_counted_once_also_where_the_store_failed_in_between() {
    let (portal, _) = shop("reception").await;
    let request = |line| of_service("barista", "1.8.2", json!([no_milk(&portal, 19_960, line)]));
    let (counted, never_stored) = (request(17), request(18));
    send(&portal, "/v1/logs", &counted).await;
    portal.server.app().telemetry().close().await;
    let token = portal.token(&[Scope::Ingest]).await;
    for refused in [&counted, &never_stored] {
        let request = portal.browser().as_program(Method::POST, "/v1/logs").bearer_auth(&token).json(refused);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    let portal = portal.restarted().await;
    let mut browser = portal.signed_in("ines").await;
    assert_eq!(only_group(&mut browser, "").await["count"], 1);
    for request in [&counted, &never_stored] {
        send(&portal, "/v1/logs", request).await;
    }
    assert_eq!(only_group(&mut browser, "").await["count"], 2);
}
