//! The pages of readiness: what they tell, and what people say on them.

use reqwest::StatusCode;
use seaworthy_catalog::{Role, ServiceSettings};

use crate::{
    delivery,
    pages::{opens, page, shop, shows},
    portal::{Browser, Portal, actor, minutes},
    receivers::Receiver,
};

const PAGE: &str = "/services/reception/readiness";

fn item(id: &str) -> String {
    format!("{PAGE}/twelve-point/{id}")
}

async fn judged() -> (Portal, Browser) {
    let (portal, browser) = shop("reception").await;
    portal.server.assess().await.unwrap();
    (portal, browser)
}

/// How an item stands: the words of its page's head.
async fn stands(browser: &mut Browser, id: &str) -> String {
    let page = page(browser, &item(id)).await;
    let head = page.body.split("class=\"page-head\"").nth(1).unwrap().split("class=\"sub\"").next().unwrap();
    ["Pass", "Fail", "Unknown", "Stale", "Waived", "Not applicable"]
        .into_iter()
        .find(|word| head.contains(word))
        .unwrap_or_else(|| panic!("{head}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_shown_with_its_level_points_blockers_and_items() {
    let (_portal, mut browser) = judged().await;
    let shown = page(&mut browser, PAGE).await;
    shows(&shown, &["reception", "Below bronze", "The twelve points", "All 58 items", "What blocks bronze"]);
    shows(
        &shown,
        &["Monitoring and alerts", "Is there a runbook?", "Write a runbook", "Unknown is never pass"],
    );
    assert!(shown.body.contains("href=\"/runbooks/new?service=reception\""));
    assert!(shown.body.contains("href=\"/runbooks?service=reception\""), "its runbooks are a tab away");
    let open = page(&mut browser, &format!("{PAGE}?show=claimed")).await;
    shows(&open, &["No item is like that"]);
    let missing = browser.get(&format!("{PAGE}?template=nothing")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/services/nobody/readiness").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(&item("nothing")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_not_judged_yet_says_so() {
    let (_portal, mut browser) = shop("reception").await;
    let shown = page(&mut browser, PAGE).await;
    assert!(shown.body.contains("Not judged yet") || shown.body.contains("The twelve points"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_at_once_and_can_be_taken_back() {
    let (_portal, mut browser) = judged().await;
    let on_call = item("on-call");
    assert_eq!(stands(&mut browser, "on-call").await, "Unknown");
    let answer = format!("{on_call}/answer");
    let without =
        browser.post(&answer, &[("kind", "satisfied"), ("note", "Inês, then Tomas"), ("version", "0")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    shows(&without, &["This item asks for a link to where it can be seen", "Inês, then Tomas"]);
    let fields = [
        ("kind", "satisfied"),
        ("note", "Inês, then <script>Tomas"),
        ("link", "https://wiki.example/rota"),
        ("version", "0"),
    ];
    let said = browser.post(&answer, &fields).await;
    assert_eq!((said.status, said.header("location")), (StatusCode::SEE_OTHER, on_call.as_str()));
    assert_eq!(stands(&mut browser, "on-call").await, "Pass");
    let shown = page(&mut browser, &on_call).await;
    shows(&shown, &["claimed", "Yes, it is satisfied", "unknown → claimed", "ines"]);
    assert!(shown.body.contains("&lt;script&gt;Tomas") && !shown.body.contains("<script>Tomas"));
    for wrong in ["javascript:alert(1)", "not a link"] {
        let fields = [("kind", "satisfied"), ("note", ""), ("link", wrong), ("version", "1")];
        assert_eq!(browser.post(&answer, &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let back = browser.post(&format!("{on_call}/withdraw"), &[("version", "1")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert_eq!(stands(&mut browser, "on-call").await, "Unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_people_who_answer_at_once_nobody_loses_a_text() {
    let (portal, mut ines) = judged().await;
    portal.member("tomas", Role::Editor).await;
    let mut tomas = portal.signed_in("tomas").await;
    let answer = format!("{}/answer", item("configuration"));
    page(&mut tomas, &item("configuration")).await;
    page(&mut ines, &item("configuration")).await;
    let by = |note: &'static str| {
        [("kind", "satisfied"), ("note", note), ("link", "https://git.example/reception"), ("version", "0")]
    };
    assert_eq!(ines.post(&answer, &by("all in the repository")).await.status, StatusCode::SEE_OTHER);
    let late = tomas.post(&answer, &by("charts are elsewhere")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    shows(&late, &["all in the repository", "charts are elsewhere", "ines changed the answer"]);
    // Having seen it, Tomas says it again.
    let mut again = by("charts are elsewhere");
    again[3] = ("version", "1");
    assert_eq!(tomas.post(&answer, &again).await.status, StatusCode::SEE_OTHER);
    shows(&page(&mut tomas, &item("configuration")).await, &["Earlier answers", "all in the repository"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiver_needs_another_persons_approval_and_ends() {
    let (portal, mut ines) = judged().await;
    portal.member("tomas", Role::Editor).await;
    portal.member("vera", Role::Viewer).await;
    let (mut tomas, mut vera) = (portal.signed_in("tomas").await, portal.signed_in("vera").await);
    let waive = format!("{}/waive", item("runbook"));
    assert_eq!(stands(&mut ines, "runbook").await, "Fail");
    page(&mut vera, PAGE).await;
    let asked = [("reason", "written next week"), ("until", "2026-12-24")];
    assert_eq!(vera.post(&waive, &asked).await.status, StatusCode::FORBIDDEN, "a viewer asks for nothing");
    page(&mut tomas, PAGE).await;
    for (reason, until, told) in [
        ("", "2026-12-24", "reason"),
        ("later", "soon", "is not a day"),
        ("later", "2029-01-01", "180"),
        ("later", "2020-01-01", "a waiver ends after"),
    ] {
        let refused = tomas.post(&waive, &[("reason", reason), ("until", until)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason} {until}");
        shows(&refused, &[told]);
    }
    assert_eq!(tomas.post(&waive, &asked).await.status, StatusCode::SEE_OTHER);
    assert_eq!(stands(&mut ines, "runbook").await, "Fail", "nobody has approved it");
    assert_eq!(
        tomas.post("/waivers/1/approve", &[]).await.status,
        StatusCode::FORBIDDEN,
        "an editor approves none"
    );
    assert_eq!(vera.post("/waivers/1/approve", &[]).await.status, StatusCode::FORBIDDEN);
    let owner = ServiceSettings { owner: Some("tomas".into()), ..ServiceSettings::default() };
    let now = portal.clock.now();
    portal.server.app().catalog().set_service_settings("reception", 0, &owner, &actor(), now).await.unwrap();
    let own = tomas.post("/waivers/1/approve", &[]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "nobody approves their own");
    shows(&page(&mut ines, &item("runbook")).await, &["Waits for approval", "Approve"]);
    assert_eq!(ines.post("/waivers/1/approve", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(stands(&mut ines, "runbook").await, "Waived");
    assert_eq!(tomas.post("/waivers/1/end", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(stands(&mut ines, "runbook").await, "Fail");
    assert_eq!(ines.post("/waivers/77/approve", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_assigned_commented_on_and_declared_not_applicable() {
    let (_portal, mut browser) = judged().await;
    let place = item("autoscaling-sane");
    page(&mut browser, &place).await;
    let nobody =
        browser.post(&format!("{place}/assign"), &[("owner", "nobody"), ("due", ""), ("version", "0")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = browser
        .post(&format!("{place}/assign"), &[("owner", "ines"), ("due", "soon"), ("version", "0")])
        .await;
    shows(&wrong, &["\"soon\" is not a day"]);
    let assigned = browser
        .post(&format!("{place}/assign"), &[("owner", "ines"), ("due", "2026-12-01"), ("version", "0")])
        .await;
    assert_eq!(assigned.status, StatusCode::SEE_OTHER, "{}", assigned.body);
    assert_eq!(
        browser.post(&format!("{place}/comment"), &[("text", "nothing scales here")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        browser.post(&format!("{place}/comment"), &[("text", " ")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let silent = browser
        .post(&format!("{place}/answer"), &[("kind", "not applicable"), ("note", ""), ("version", "0")])
        .await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "a reason is needed");
    let fields = [("kind", "not applicable"), ("note", "one instance on a shelf"), ("version", "0")];
    assert_eq!(browser.post(&format!("{place}/answer"), &fields).await.status, StatusCode::SEE_OTHER);
    let shown = page(&mut browser, &place).await;
    shows(
        &shown,
        &["Not applicable", "one instance on a shelf", "ines, until 2026-12-01", "nothing scales here"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_alert_that_is_acknowledged_where_it_arrives_is_evidence() {
    let receiver = Receiver::new().await;
    let portal = delivery::portal().await;
    portal.make_first_admin().await;
    opens(&portal, "reception").await;
    portal.server.assess().await.unwrap();
    let mut ines = portal.signed_in("ines").await;
    delivery::channel(&portal, "on-call", delivery::webhook(&receiver.url())).await;
    assert_eq!(stands(&mut ines, "alert-delivered").await, "Unknown");
    let list = page(&mut ines, "/settings/channels").await;
    shows(&list, &["Send a test alert"]);
    let sent = ines.post("/settings/channels/on-call/test", &[]).await;
    shows(&sent, &["The test alert arrived in on-call", "nobody has acknowledged it yet"]);
    portal.server.assess().await.unwrap();
    assert_eq!(stands(&mut ines, "alert-delivered").await, "Fail");
    let link = receiver.told("/commonAnnotations/acknowledge_url").remove(0);
    let path = link.strip_prefix("http://seaworthy.example").unwrap().to_owned();
    let mut stranger = portal.browser();
    shows(&stranger.get(&path).await, &["Has the test arrived?", "A test of the channel on-call"]);
    portal.server.assess().await.unwrap();
    assert_eq!(stands(&mut ines, "alert-delivered").await, "Fail", "to look changes nothing");
    shows(&stranger.post(&path, &[]).await, &["The test has arrived", "By signed link in on-call"]);
    portal.server.assess().await.unwrap();
    assert_eq!(stands(&mut ines, "alert-delivered").await, "Pass");
    shows(&page(&mut ines, "/settings/channels").await, &["test acknowledged by signed link in on-call"]);
    // A later test makes the link of the one before worthless.
    portal.clock.advance(minutes(1));
    ines.post("/settings/channels/on-call/test", &[]).await;
    assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND);
}
