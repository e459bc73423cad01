//! SLOs: made with the form, counted from telemetry, shown with their arithmetic.

use std::time::Duration;

use reqwest::StatusCode;
use seaworthy_catalog::{ExclusionDefinition, ExclusionKind, Role};

use crate::{
    pages::{page, shop, shows},
    portal::{Answer, Browser, Portal, actor, minutes},
};

const GOOD: [(&str, &str); 10] = [
    ("name", "orders-availability"),
    ("service", "reception"),
    ("kind", "availability"),
    ("objective", "95"),
    ("window", "30d"),
    ("page_1h", "on"),
    ("page_6h", "on"),
    ("ticket_1d", "on"),
    ("ticket_3d", "on"),
    ("least_failures", "3"),
];

/// The good form with some fields otherwise.
async fn send(browser: &mut Browser, path: &str, changes: &[(&str, &str)]) -> Answer {
    let kept = GOOD.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let fields: Vec<(&str, &str)> = kept.chain(changes).copied().collect();
    browser.get("/slos/new").await;
    browser.post(path, &fields).await
}

async fn made() -> (Portal, Browser) {
    let (portal, mut browser) = shop("reception").await;
    let answer = send(&mut browser, "/slos", &[]).await;
    assert_eq!(answer.header("location"), "/slos/orders-availability", "{}", answer.body);
    portal.server.evaluate().await.unwrap();
    (portal, browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_slo_counts_every_request_and_tells_its_arithmetic() {
    let (_portal, mut browser) = made().await;
    let slo = page(&mut browser, "/slos/orders-availability").await;
    // 100 requests, 4 of them failed; 5 % may.
    shows(
        &slo,
        &["Of 100 requests, 5 % may fail: 5", "So far 4 have, which is 80 % of the budget; 1 more may"],
    );
    shows(&slo, &["20 %", "SLI now 96.00 %", "95 % of requests answered without 5xx", "rolling 30 d"]);
    shows(&slo, &["Worst minutes", "20 Nov, 11:59 UTC", "4 of 100", "Fires above", "14.4"]);
    let all = page(&mut browser, "/slos").await;
    shows(&all, &["1 SLO", "orders-availability", "reception", "20 %"]);
    let json = browser.get("/api/v1/slos/orders-availability").await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!((&json["total"], &json["spent"], &json["allowed"]), (&100.into(), &4.into(), &5.0.into()));
    let points = json["burn_down"]["points"].as_array().unwrap();
    let left = |point: &serde_json::Value| point["left"].as_f64().unwrap();
    assert_eq!(left(&points[0]), 1.0, "a burn-down starts at 100 %");
    assert!((left(points.last().unwrap()) - 0.2).abs() < 1e-9, "and ends with what is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn latency_is_counted_against_its_threshold() {
    let (portal, mut browser) = shop("reception").await;
    let latency = [
        ("name", "fast"),
        ("kind", "latency"),
        ("threshold_ms", "100"),
        ("objective", "99"),
        ("routes", "/orders"),
    ];
    assert_eq!(send(&mut browser, "/slos", &latency).await.status, StatusCode::SEE_OTHER);
    portal.server.evaluate().await.unwrap();
    // Every request took between 100 and 250 ms.
    shows(
        &page(&mut browser, "/slos/fast").await,
        &[
            "Of 100 requests, 1 % may fail: 1",
            "that is 99 too many",
            "Budget spent",
            "This is exact: 100 ms is the edge",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_tells_what_would_have_been_and_makes_nothing() {
    let (portal, mut browser) = shop("reception").await;
    // The minute of the order must be over.
    portal.clock.advance(minutes(1));
    let preview = send(&mut browser, "/slos/preview", &[("objective", "99")]).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    shows(&preview, &["With 99 % of 100 requests, 4 failed and 1 might have: −300 % left"]);
    shows(&preview, &["0 pages and 0 tickets", "The SLI was 96.00 %"]);
    // 90 % would have left 60 % of its budget, and 95 % only 20 %.
    shows(&preview, &["The hardest usual objective that would have left a quarter of its budget is 90 %"]);
    assert!(preview.body.contains("value=\"orders-availability\""), "what was typed is still there");
    let nothing = send(&mut browser, "/slos/preview", &[("service", "nobody")]).await;
    shows(&nothing, &["Is its name right?"]);
    let wrong = send(&mut browser, "/slos/preview", &[("objective", "101")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    shows(&page(&mut browser, "/slos").await, &["No SLO yet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_what_spent_the_budget() {
    let (portal, mut browser) = made().await;
    // Work at midnight takes nothing away from noon.
    let midnight = portal.clock.now() - minutes(12 * 60);
    let planned = ExclusionDefinition {
        kind: ExclusionKind::Maintenance,
        service: Some("reception".into()),
        starts_at: midnight,
        ends_at: midnight + minutes(10),
        weekly: None,
        reason: "a new disk".into(),
    };
    let now = portal.clock.now();
    portal.server.app().catalog().create_exclusion(&planned, &actor(), now).await.unwrap();
    let json = browser.get("/api/v1/slos/orders-availability").await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(json["coverage_detail"]["excluded_minutes"], 10, "{json}");
    let spent = &json["spent_by"];
    assert_eq!(
        spent["routes"][0],
        serde_json::json!({"name": "POST /orders", "bad": 4, "total": 100}),
        "{spent}"
    );
    assert_eq!((&spent["instances"][0]["bad"], &spent["load_test_events"]), (&4.into(), &0.into()));
    assert_eq!(spent["builds"][0]["bad"], 4, "{spent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_that_nobody_told_of_are_neither_good_nor_bad() {
    let (portal, mut browser) = made().await;
    portal.clock.advance(minutes(45));
    portal.server.evaluate().await.unwrap();
    let json = browser.get("/api/v1/slos/orders-availability").await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!((&json["total"], &json["spent"]), (&100.into(), &4.into()));
    assert!(json["coverage"].as_f64().unwrap() < 0.001, "{json}");
    // Its only process fell silent without a word.
    assert_eq!(json["coverage_detail"]["agent_lost_minutes"], 45, "{json}");
    let text = page(&mut browser, "/slos/orders-availability").await;
    shows(&text, &["Coverage", "Agent lost", "45 min a process was there, or may have been"]);
    // After its window has passed, nothing is left to judge.
    portal.clock.advance(Duration::from_secs(31 * 86_400));
    portal.server.evaluate().await.unwrap();
    let mut browser = portal.signed_in("ines").await;
    shows(&page(&mut browser, "/slos/orders-availability").await, &["No data", "neither good nor bad"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_is_repeated_or_comes_after_a_restart_counts_nothing_twice() {
    let (portal, mut browser) = made().await;
    for _ in 0..3 {
        portal.server.evaluate().await.unwrap();
        portal.clock.advance(Duration::from_secs(200));
    }
    shows(&page(&mut browser, "/slos/orders-availability").await, &["Of 100 requests"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_beside_its_field_and_nothing_is_made() {
    let (_portal, mut browser) = shop("reception").await;
    for (changes, told) in [
        (("objective", "101"), "an objective of 101 % is out of range"),
        (("objective", "many"), "\"many\" is not a number"),
        (("window", "0d"), "a window of 0 min has nothing in it"),
        (("window", "soon"), "is not a window"),
        (("name", "Orders Availability!"), "name"),
        (("name", ""), "name"),
        (("objective", "90"), "it takes one above 93.0556 %"),
        (("slices", "7"), "\"\" is not a number"),
        (("runbook", "javascript:alert(1)"), "a runbook is an address such as"),
    ] {
        let answer = send(&mut browser, "/slos", &[changes, ("description", "<b>kept</b>")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
        shows(&answer, &[told]);
        assert!(answer.body.contains("&lt;b&gt;kept&lt;/b&gt;"), "what was typed is lost: {}", answer.body);
    }
    shows(&page(&mut browser, "/slos").await, &["No SLO yet"]);
    assert_eq!(browser.get("/slos/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_people_who_edit_at_once_nobody_loses_a_text() {
    let (portal, mut browser) = made().await;
    portal.member("bo", Role::Editor).await;
    let mut other = portal.signed_in("bo").await;
    let edit = "/slos/orders-availability/edit";
    assert!(page(&mut other, edit).await.body.contains(r#"name="version" value="1""#));
    let path = "/slos/orders-availability";
    let first = send(&mut browser, path, &[("version", "1"), ("objective", "99")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let second = send(&mut other, path, &[("version", "1"), ("description", "written for an hour")]).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    shows(&second, &["ines", "written for an hour"]);
    portal.server.evaluate().await.unwrap();
    shows(&page(&mut browser, path).await, &["99 % of requests"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_slo_is_gone_with_its_minutes() {
    let (portal, mut browser) = made().await;
    page(&mut browser, "/slos/orders-availability/edit").await;
    let answer = browser.post("/slos/orders-availability/delete", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/slos"));
    portal.server.evaluate().await.unwrap();
    shows(&page(&mut browser, "/slos").await, &["No SLO yet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_told_of_on_a_page_to_print() {
    let (_portal, mut browser) = made().await;
    let report = page(&mut browser, "/slos/report").await;
    shows(
        &report,
        &["SLOs in November 2026", "1 of 1 SLO met their objective", "1 Nov, 00:00 UTC to 20 Nov, 12:00 UTC"],
    );
    shows(
        &report,
        &["95 % 96.00 % met", "4 of 100 requests 20 %", "0 pages, 0 tickets Fri 20 Nov, 4 failures"],
    );
    shows(&page(&mut browser, "/slos/report?month=2026-10").await, &["SLOs in October 2026", "no data"]);
    shows(&page(&mut browser, "/slos/report?team=nobody").await, &["There is no SLO to tell of"]);
    for month in ["2026-13", "soon", "99999-01"] {
        let answer = browser.get(&format!("/slos/report?month={month}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{month}");
    }
    let json = browser.get("/api/v1/report?month=2026-11").await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(
        (&json["slos"][0]["met"], &json["slos"][0]["worst_day"][0]),
        (&true.into(), &"2026-11-20".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_say_what_the_minutes_say_however_long_ago_they_were() {
    let (portal, mut browser) = shop("reception").await;
    send(&mut browser, "/slos", &[("window", "7d")]).await;
    // The hundred requests were in the last minute: from now on until a week later they count, and it is known of them.
    const WEEK: u64 = 7 * 24 * 60;
    let mut gone = false;
    for (step, after) in [1, 4 * 24 * 60, WEEK - 4 * 24 * 60 - 61, 50, 9, 1, 1].into_iter().enumerate() {
        portal.clock.advance(minutes(after));
        portal.server.evaluate().await.unwrap();
        let total = same_in_list(&portal, step).await;
        gone = total == 0;
    }
    assert!(gone, "the window has moved past every request");
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_told_of_days_later_changes_the_lists_as_well() {
    let (portal, _browser) = made().await;
    let noon = portal.clock.now();
    portal.clock.advance(minutes(5 * 24 * 60));
    portal.server.evaluate().await.unwrap();
    assert_eq!(same_in_list(&portal, 0).await, 100);
    let planned = ExclusionDefinition {
        kind: ExclusionKind::Maintenance,
        service: Some("reception".into()),
        starts_at: noon - minutes(1),
        ends_at: noon + minutes(1),
        weekly: None,
        reason: "a new disk".into(),
    };
    portal.server.app().catalog().create_exclusion(&planned, &actor(), portal.clock.now()).await.unwrap();
    portal.clock.advance(minutes(1));
    portal.server.evaluate().await.unwrap();
    assert_eq!(same_in_list(&portal, 1).await, 0);
}

/// How many events the list says that there were; its figures are those of the page, which are counted from the minutes.
async fn same_in_list(portal: &Portal, step: usize) -> u64 {
    let mut browser = portal.signed_in("ines").await;
    let list = browser.get("/api/v1/slos").await;
    let list: serde_json::Value = serde_json::from_str(&list.body).unwrap();
    let one = browser.get("/api/v1/slos/orders-availability").await;
    let one: serde_json::Value = serde_json::from_str(&one.body).unwrap();
    let listed = list["slos"][0].as_object().unwrap();
    for (field, value) in listed {
        assert_eq!(value, &one[field], "{field} in step {step}");
    }
    listed["total"].as_u64().unwrap()
}
