//! Where alerts are told: a channel that works, one that does not, and a letter that was given up.

use rusqlite::Connection;
use seaworthy_tests::{Browser, LOGIN, PASSWORD, eventually};

use super::{assert_sound, inspect};
use crate::alerting::{Receiver, burning, send};

#[tokio::test(flavor = "multi_thread")]
async fn channels_are_made_tested_and_seen_to() {
    let receiver = Receiver::nobody().await;
    let told = Receiver::at(receiver).await;
    let (portal, mut admin) = burning(receiver).await;
    eventually("the receiver is told", async || told.told().pop()).await;
    let mail =
        [("kind", "email"), ("name", "mail"), ("least_severity", "page"), ("to", "on-call@shop.example")];
    send(&mut admin, "/settings/channels/new?kind=email", "/settings/channels/new", &mail).await;
    // As it is after days without an answer.
    let catalog = Connection::open(portal.data().join("catalog.db")).unwrap();
    const GIVE_UP: &str =
        "UPDATE outbox SET dead_at = created_at + 60000, attempts = 903 WHERE delivered_at IS NULL";
    assert_eq!(catalog.execute(GIVE_UP, []).unwrap(), 1);

    let browser = Browser::start(portal.url()).await;
    browser.sign_in(LOGIN, PASSWORD).await;
    inspect(&browser, "alerts", "/alerts").await;
    inspect(&browser, "alert", "/alerts/1").await;
    inspect(&browser, "channels", "/settings/channels").await;
    browser.submit("#channel-on-call form").await;
    let outcome = browser.find("#tested").await.text().await.unwrap();
    assert!(outcome.starts_with("The test alert arrived in on-call after"), "{outcome}");
    assert_sound(&browser, "a test alert").await;
    inspect(&browser, "channel-choice", "/settings/channels/new").await;
    inspect(&browser, "channel-edit", "/settings/channels/on-call/edit").await;
    browser.visit("/settings/channels/on-call/edit").await;
    browser.send_form(&[("url", "nowhere"), ("headers", "X-Team shop")]).await;
    let error = browser.find("#headers-error").await.text().await.unwrap();
    assert_eq!(error, "line 1 has no colon; write it like X-Team: shop");
    assert_sound(&browser, "a channel with a mistake").await;

    let link = told.told().remove(0)["commonAnnotations"]["acknowledge_url"].as_str().unwrap().to_owned();
    let path = link.strip_prefix(portal.url()).unwrap();
    browser.driver.delete_cookie("seaworthy-session").await.unwrap();
    inspect(&browser, "acknowledge", path).await;
}
