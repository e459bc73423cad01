//! Channels: made with the form, tested, and their secrets never shown again.

use reqwest::StatusCode;
use seaworthy_catalog::{Role, Scope};
use seaworthy_portal::alerts::{ChannelSettings, Target};

use crate::{
    delivery::{fires, portal},
    pages::{page, shows},
    portal::{Answer, Browser, Portal, minutes},
    receivers::Receiver,
};

const NEW: &str = "/settings/channels/new";

async fn admin() -> (Portal, Browser) {
    let portal = portal().await;
    portal.make_first_admin().await;
    let browser = portal.signed_in("ines").await;
    (portal, browser)
}

/// Fills the form for a webhook.
async fn make(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    page(browser, &format!("{NEW}?kind=webhook")).await;
    let usual = [("kind", "webhook"), ("name", "on-call"), ("least_severity", "ticket")];
    let kept = usual.iter().filter(|(name, _)| !fields.iter().any(|(given, _)| given == name));
    let fields: Vec<_> = kept.chain(fields).copied().collect();
    browser.post(NEW, &fields).await
}

async fn settings(portal: &Portal, name: &str) -> ChannelSettings {
    let channel = portal.server.app().catalog().channel(name).await.unwrap().unwrap();
    ChannelSettings::of(&channel.definition).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_made_tested_and_told() {
    let ((portal, mut browser), receiver) = (admin().await, Receiver::new().await);
    shows(&page(&mut browser, "/settings/channels").await, &["Nobody is told of alerts", "New channel"]);
    shows(&page(&mut browser, NEW).await, &["Webhook", "Slack", "Mail"]);
    let made = make(&mut browser, &[("url", &receiver.url()), ("bearer", "s3cret")]).await;
    assert_eq!(made.header("location"), "/settings/channels", "{}", made.body);
    let list = page(&mut browser, "/settings/channels").await;
    shows(&list, &["on-call", "127.0.0.1", "pages and tickets, all services", "Nothing told lately"]);

    let tested = browser.post("/settings/channels/on-call/test", &[]).await;
    shows(&tested, &["The test alert arrived in on-call after"]);
    assert_eq!(receiver.told("/commonLabels/alertname"), ["TestAlert"]);
    assert_eq!(receiver.received()[0].header("authorization"), "Bearer s3cret");

    let id = portal.server.app().catalog().channel("on-call").await.unwrap().unwrap().id;
    fires(&portal, "orders", &[id]).await;
    portal.server.deliver().await.unwrap();
    shows(&page(&mut browser, "/settings/channels").await, &["Works", "20 Nov"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_fails_says_why_and_after_how_long() {
    let ((_portal, mut browser), receiver) = (admin().await, Receiver::new().await);
    make(&mut browser, &[("url", &receiver.url())]).await;
    page(&mut browser, "/settings/channels").await;
    receiver.will(|| (StatusCode::FORBIDDEN, "<b>no</b>"));
    let tested = browser.post("/settings/channels/on-call/test", &[]).await;
    assert_eq!(tested.status, StatusCode::OK);
    shows(&tested, &["The test alert did not arrive in on-call, after", "127.0.0.1 answered 403 Forbidden"]);
    assert!(tested.body.contains("&lt;b&gt;no&lt;/b&gt;"), "{}", tested.body);

    make(&mut browser, &[("name", "meta"), ("url", "http://169.254.169.254/")]).await;
    page(&mut browser, "/settings/channels").await;
    let tested = browser.post("/settings/channels/meta/test", &[]).await;
    shows(&tested, &["169.254.169.254 is a link-local address", "--allow-outgoing 169.254.169.254/32"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_never_shown_again_and_kept_when_left_empty() {
    let (portal, mut browser) = admin().await;
    let fields =
        [("url", "https://alerts.example/t0p/hook"), ("bearer", "t0p-bearer"), ("headers", "X-Key: t0p-key")];
    make(&mut browser, &fields).await;
    let read = portal.token(&[Scope::Read]).await;
    let api = browser.as_program(reqwest::Method::GET, "/api/v1/channels").bearer_auth(&read);
    let api = browser.send(api).await;
    let edit = "/settings/channels/on-call/edit";
    for answer in [page(&mut browser, "/settings/channels").await, page(&mut browser, edit).await, api] {
        assert!(answer.body.contains("alerts.example"), "{}", answer.body);
        assert!(!answer.body.contains("t0p"), "{}", answer.body);
    }
    let before = settings(&portal, "on-call").await;
    page(&mut browser, edit).await;
    let fields = [
        ("kind", "webhook"),
        ("version", "1"),
        ("least_severity", "page"),
        ("services", "reception\nbarista"),
    ];
    let saved = browser.post(edit, &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let after = settings(&portal, "on-call").await;
    assert_eq!(after.target, before.target);
    assert_eq!(after.services, ["reception", "barista"]);
    shows(&page(&mut browser, "/settings/channels").await, &["pages of reception, barista"]);

    // What is wrong now is told without what was right before.
    page(&mut browser, edit).await;
    let wrong = browser.post(edit, &[("version", "2"), ("least_severity", "page"), ("url", "nowhere")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    shows(&wrong, &["this is no address"]);
    assert!(wrong.body.contains(r#"value="nowhere""#) && !wrong.body.contains("t0p"), "{}", wrong.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_beside_its_field_and_nothing_is_made() {
    let (portal, mut browser) = admin().await;
    let good = ("url", "https://alerts.example/hook");
    for (fields, told) in [
        (&[("url", "")][..], "this is no address"),
        (&[("url", "ftp://alerts.example/")], "it must begin with https://"),
        (&[good, ("name", "On Call!")], "lower-case letters"),
        (&[good, ("headers", "X-Team shop")], "line 1 has no colon"),
        (&[good, ("headers", "Host: elsewhere.example")], "Host is what the portal says itself"),
        (&[good, ("bearer", "two words")], "visible ASCII characters"),
        (&[good, ("least_severity", "all")], "neither page nor ticket"),
        (&[("kind", "email"), ("to", "nobody")], "not an address of mail"),
        (&[("kind", "email"), ("to", "")], "there are 0"),
    ] {
        let answer = make(&mut browser, fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        shows(&answer, &[told]);
    }
    assert_eq!(portal.server.app().catalog().channels().await.unwrap(), []);
    assert_eq!(make(&mut browser, &[good]).await.status, StatusCode::SEE_OTHER);
    let taken = make(&mut browser, &[good]).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    shows(&taken, &["the channel on-call exists already"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_people_who_edit_at_once_nobody_loses_a_text() {
    let (portal, mut browser) = admin().await;
    make(&mut browser, &[("url", "https://alerts.example/hook")]).await;
    portal.member("bo", Role::Admin).await;
    let mut other = portal.signed_in("bo").await;
    let edit = "/settings/channels/on-call/edit";
    page(&mut other, edit).await;
    page(&mut browser, edit).await;
    let first = browser.post(edit, &[("version", "1"), ("least_severity", "page")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let second = [("version", "1"), ("least_severity", "ticket"), ("services", "reception")];
    let second = other.post(edit, &second).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    shows(&second, &["ines changed the channel on-call", "reception"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_shown_with_its_reason_and_tried_again_by_hand() {
    let ((portal, mut browser), receiver) = (admin().await, Receiver::new().await);
    make(&mut browser, &[("url", &receiver.url())]).await;
    let id = portal.server.app().catalog().channel("on-call").await.unwrap().unwrap().id;
    for _ in 0..5 {
        receiver.will(|| (StatusCode::GONE, "moved away"));
    }
    fires(&portal, "orders", &[id]).await;
    for _ in 0..10 {
        portal.server.deliver().await.unwrap();
        portal.clock.advance(minutes(1));
    }
    portal.member("Editor", Role::Editor).await;
    let mut editor = portal.signed_in("editor").await;
    let list = page(&mut editor, "/settings/channels").await;
    shows(&list, &["Fails", "Dead letters", "127.0.0.1 answered 410 Gone: moved away", "tried 5 times"]);
    assert!(!list.body.contains("Send a test alert"), "that is for admins");
    let letter = portal.server.app().catalog().dead_letters(9).await.unwrap().remove(0).message.id;
    let answer = editor.post(&format!("/settings/dead-letters/{letter}/retry"), &[]).await;
    assert_eq!(answer.header("location"), "/settings/channels");
    portal.server.deliver().await.unwrap();
    assert_eq!(receiver.received().len(), 6);
    let list = page(&mut browser, "/settings/channels").await;
    shows(&list, &["Works"]);
    assert!(!list.body.contains("Dead letters"), "{}", list.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_channel_is_gone_with_what_was_to_be_told_there() {
    let (portal, mut browser) = admin().await;
    let nobody = Receiver::nobody().await;
    make(&mut browser, &[("url", &format!("http://{nobody}/"))]).await;
    let id = portal.server.app().catalog().channel("on-call").await.unwrap().unwrap().id;
    fires(&portal, "orders", &[id]).await;
    portal.server.deliver().await.unwrap();
    shows(
        &page(&mut browser, "/settings/channels").await,
        &["Fails", "could not be reached", "1 message waiting"],
    );
    page(&mut browser, "/settings/channels/on-call/edit").await;
    let deleted = browser.post("/settings/channels/on-call/delete", &[]).await;
    assert_eq!((deleted.status, deleted.header("location")), (StatusCode::SEE_OTHER, "/settings/channels"));
    shows(&page(&mut browser, "/settings/channels").await, &["Nobody is told of alerts"]);
    assert_eq!(browser.get("/settings/channels/on-call/edit").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_channels_without_secrets() {
    let (portal, mut browser) = admin().await;
    make(&mut browser, &[("url", "https://alerts.example/t0p")]).await;
    let to = [("kind", "email"), ("name", "mail"), ("to", "a@shop.example, b@shop.example")];
    make(&mut browser, &to).await;
    assert!(matches!(settings(&portal, "mail").await.target, Target::Email { .. }));
    let answer = browser.get("/api/v1/channels/mail").await;
    let mail: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&mail["kind"], &mail["state"]), (&"email".into(), &"idle".into()));
    assert_eq!(mail["leads_to"], "a@shop.example, b@shop.example");
    let answer = browser.get("/api/v1/channels").await;
    let all: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(all["channels"][1]["leads_to"], "alerts.example");
    assert_eq!((&all["has_mail"], &all["dead_letters"]), (&false.into(), &serde_json::json!([])));
    assert_eq!(browser.get("/api/v1/channels/nothing").await.status, StatusCode::NOT_FOUND);
}
