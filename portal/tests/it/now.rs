//! What goes on in a service right now.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    pages::{page, shows},
    portal::{Browser, Portal},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// An instance says what it is at; its clock is ten minutes ahead.
async fn tell(portal: &Portal, instance: &str, now: Value) {
    let sent_at = portal.clock.now() + Duration::from_secs(600);
    let check_in = json!({
        "service": "reception", "instance": instance, "sequence": 1, "sent_at": sent_at, "state": "running",
        "build": {"version": "1.8.2"}, "process": {"host": "bar", "pid": 1, "started_at": sent_at}, "now": now,
    });
    let token = portal.token(&[Scope::Ingest]).await;
    let request =
        portal.browser().as_program(Method::POST, "/api/v1/check-in").bearer_auth(&token).json(&check_in);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

/// What has gone on for so many seconds by that clock.
fn since(portal: &Portal, seconds: u64) -> Value {
    json!(portal.clock.now() + Duration::from_secs(600) - Duration::from_secs(seconds))
}

async fn portal() -> (Portal, Browser) {
    let portal = Portal::set_up().await;
    portal.member("vera", Role::Viewer).await;
    let browser = portal.signed_in("vera").await;
    (portal, browser)
}

async fn told(browser: &mut Browser) -> Value {
    let answer = browser.get("/api/v1/services/reception/now").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_is_told_of_all_instances_the_oldest_first() {
    let (portal, mut browser) = portal().await;
    let request = |seconds, id: &str, recorded| {
        json!({"since": since(&portal, seconds), "method": "POST", "route": "/orders/{id}", "peer": "192.0.2.7:50312",
            "user": "<b>ada</b>", "request_id": id, "trace_id": TRACE, "recorded": recorded})
    };
    tell(&portal, "till-1", json!({
        "connections": {"count": 1_234, "oldest": [{"since": since(&portal, 7_200), "peer": "192.0.2.9:1", "requests": 41}]},
        "requests": {"count": 2, "oldest": [request(312, "slow", true), request(2, "young", false)]},
        "spans": {"count": 1, "oldest": [{"since": since(&portal, 311), "name": "brew", "target": "reception::bar",
            "place": "src/bar.rs:42", "trace_id": TRACE, "span_id": "00f067aa0ba902b7"}]},
    }))
    .await;
    tell(&portal, "till-2", json!({"requests": {"count": 1, "oldest": [request(100, "middle", true)]}}))
        .await;
    portal.clock.advance(Duration::from_secs(3));

    let now = told(&mut browser).await;
    let of = |field: &str| -> Vec<Value> {
        let lines = now["requests"]["oldest"].as_array().unwrap().iter();
        lines.map(|line| line[field].clone()).collect()
    };
    assert_eq!(
        (of("request_id"), of("age_ms")),
        (
            vec![json!("slow"), json!("middle"), json!("young")],
            vec![json!(312_000), json!(100_000), json!(2_000)]
        )
    );
    assert_eq!(of("instance"), ["till-1", "till-2", "till-1"]);
    assert_eq!(
        (&now["requests"]["count"], &now["connections"]["count"], &now["spans"]["count"]),
        (&json!(3), &json!(1_234), &json!(1))
    );
    assert_eq!((&now["instances"], &now["silent"]), (&json!(2), &json!(0)));

    let shown = page(&mut browser, "/services/reception/now").await;
    shows(&shown, &["Unfinished requests 3", "POST /orders/{id}", "slow", "5 min 12 s", "192.0.2.7:50312"]);
    shows(&shown, &["Unfinished spans 1", "brew", "reception::bar", "src/bar.rs:42", "not sampled"]);
    shows(&shown, &["the oldest 1 of 1,234", "192.0.2.9:1", "41 – till-1", "2 h"]);
    shows(&page(&mut browser, "/services/reception").await, &["2 requests unfinished for up to 5 min 12 s"]);
    assert!(shown.body.contains(&format!(r#"href="/traces/{TRACE}""#)), "{}", shown.body);
    assert!(shown.body.contains("&lt;b&gt;ada") && !shown.body.contains("<b>ada"), "{}", shown.body);
    assert!(shown.body.contains(r#"hx-get="/services/reception/now""#), "{}", shown.body);
    assert!(
        shown.body.contains(r#"<a href="/services/reception/now" aria-current="page">Now</a>"#),
        "{}",
        shown.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_goes_on_is_told_apart_from_nobody_who_tells() {
    let (portal, mut browser) = portal().await;
    assert_eq!(browser.get("/services/reception/now").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/api/v1/services/reception/now").await.status, StatusCode::NOT_FOUND);
    tell(&portal, "before", Value::Null).await;
    shows(&page(&mut browser, "/services/reception/now").await, &["its agent is one of before"]);
    tell(&portal, "till-1", json!({})).await;
    let shown = page(&mut browser, "/services/reception/now").await;
    shows(&shown, &["1 instance of 2 do not tell", "Every request that has come is answered."]);
    shows(&shown, &["Every recorded span has ended.", "Nobody is connected"]);

    // What a lost instance was at, nobody knows.
    portal.clock.advance(Duration::from_secs(60));
    shows(&page(&mut browser, "/services/reception/now").await, &["No instance checks in."]);
    assert_eq!(told(&mut browser).await["instances"], json!(0));
}
