//! Planned time does not count, and is never silent.

use reqwest::StatusCode;
use seaworthy_catalog::Role;
use serde_json::Value;

use crate::{
    pages::{page, shop, shows},
    portal::Browser,
};

async fn plan(browser: &mut Browser, changes: &[(&str, &str)]) -> crate::portal::Answer {
    let usual = [
        ("reason", "database upgrade"),
        ("kind", "maintenance"),
        ("service", "reception"),
        ("from", "2026-11-20T11:50"),
        ("to", "2026-11-20T12:00"),
        ("zone", "UTC"),
    ];
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let fields: Vec<(&str, &str)> = kept.chain(changes).copied().collect();
    browser.get("/maintenance/new").await;
    browser.post("/maintenance", &fields).await
}

async fn slo(browser: &mut Browser) -> Value {
    serde_json::from_str(&browser.get("/api/v1/slos/orders").await.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_planned_time_does_not_count_and_is_shown() {
    let (portal, mut browser) = shop("reception").await;
    browser.get("/slos/new").await;
    let fields =
        [("name", "orders"), ("service", "reception"), ("kind", "availability"), ("objective", "95")];
    let more = [("window", "30d"), ("least_failures", "3"), ("team", "kitchen")];
    let fields: Vec<_> = fields.into_iter().chain(more).collect();
    assert_eq!(browser.post("/slos", &fields).await.status, StatusCode::SEE_OTHER);
    portal.server.evaluate().await.unwrap();
    assert_eq!(slo(&mut browser).await["spent"], 4);

    // Of another service, and at another time: nothing changes.
    for changes in
        [[("service", "barista"), ("reason", "beans")], [("to", "2026-11-20T11:55"), ("reason", "short")]]
    {
        assert_eq!(plan(&mut browser, &changes).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(slo(&mut browser).await["spent"], 4);

    // Every week, in a zone an hour ahead: last week and now.
    let weekly = [
        ("weekly", "on"),
        ("zone", "Europe/Berlin"),
        ("from", "2026-11-13T12:50"),
        ("to", "2026-11-13T13:00"),
    ];
    assert_eq!(plan(&mut browser, &weekly).await.status, StatusCode::SEE_OTHER);
    let json = slo(&mut browser).await;
    assert_eq!(
        (&json["total"], &json["coverage_detail"]["excluded_minutes"]),
        (&0.into(), &20.into()),
        "{json}"
    );
    let text = page(&mut browser, "/slos/orders").await;
    shows(&text, &["Excluded 20 min", "planned; does not count"]);

    let text = page(&mut browser, "/maintenance").await;
    shows(&text, &["database upgrade maintenance reception 27 Nov, 11:50 UTC to 27 Nov, 12:00 UTC"]);
    shows(&text, &["weekly, Europe/Berlin", "Over", "beans", "short"]);
    let json: Value = serde_json::from_str(&browser.get("/api/v1/maintenance").await.body).unwrap();
    let id = json["exclusions"][0]["id"].clone();
    assert_eq!(json["exclusions"][0]["next"]["from"], "2026-11-27T11:50:00Z");

    // Changed by somebody who saw an older version: refused, and nothing is lost.
    let edit = format!("/maintenance/{id}");
    shows(
        &page(&mut browser, &format!("{edit}/edit")).await,
        &["Change what is planned", "again every week"],
    );
    let changed = [
        ("reason", "upgrade"),
        ("kind", "maintenance"),
        ("from", "2026-11-20T11:50"),
        ("to", "2026-11-20T11:51"),
    ];
    let version = |version| [("zone", "UTC"), ("version", version)];
    let send = |at| changed.into_iter().chain(version(at)).collect::<Vec<_>>();
    let answer = browser.post(&edit, &send("7")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("value=\"upgrade\""), "{}", answer.body);
    assert_eq!(browser.post(&edit, &send("1")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(slo(&mut browser).await["spent"], 4);

    browser.get("/maintenance/new").await;
    assert_eq!(browser.post(&format!("{edit}/delete"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get(&format!("{edit}/edit")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_plans_are_refused_beside_their_fields() {
    let (portal, mut browser) = shop("reception").await;
    for (changes, told) in [
        ([("to", "2026-11-20T11:00"), ("kind", "maintenance")], "must be after the start"),
        ([("from", "noon"), ("kind", "maintenance")], "\"noon\" is not a time"),
        ([("zone", "Moon/Sea"), ("kind", "maintenance")], "is not a time zone"),
        ([("weekly", "on"), ("to", "2026-12-20T11:00")], "less than a week"),
        ([("kind", "party"), ("service", "x")], "is neither maintenance nor a load test"),
        ([("reason", " "), ("service", "x")], "reason"),
    ] {
        let answer = plan(&mut browser, &changes).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
        assert!(answer.body.contains(told), "{told:?} is not in {}", answer.body);
    }
    shows(&page(&mut browser, "/maintenance").await, &["Nothing is planned"]);
    portal.member("ana", Role::Viewer).await;
    let mut viewer = portal.signed_in("ana").await;
    assert_eq!(plan(&mut viewer, &[]).await.status, StatusCode::FORBIDDEN);
    assert!(!page(&mut viewer, "/maintenance").await.body.contains("Plan maintenance"));
}

#[tokio::test(flavor = "multi_thread")]
async fn slos_are_filtered_by_team_and_text() {
    let (_portal, mut browser) = shop("reception").await;
    for (name, team) in [("orders", "kitchen"), ("menu", "bar")] {
        browser.get("/slos/new").await;
        let fields =
            [("name", name), ("service", "reception"), ("kind", "availability"), ("objective", "95")];
        let more = [("window", "30d"), ("least_failures", "3"), ("team", team)];
        let fields: Vec<_> = fields.into_iter().chain(more).collect();
        assert_eq!(browser.post("/slos", &fields).await.status, StatusCode::SEE_OTHER);
    }
    for (query, found) in [
        ("", "2 SLOs"),
        ("?text=ORD", "1 of 2 SLOs"),
        ("?team=bar", "1 of 2 SLOs"),
        ("?team=bar&text=ord", "No SLO is like that"),
        ("?service=reception&text=kitchen", "1 of 2 SLOs"),
    ] {
        shows(&page(&mut browser, &format!("/slos{query}")).await, &[found]);
    }
}
