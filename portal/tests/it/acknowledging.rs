//! Alerts acknowledged by the signed link of a message, without signing in.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{AlertState, RecordedAlert};

use crate::{
    delivery::{channel, fires, portal, resolves, webhook},
    pages::shows,
    portal::{Portal, minutes},
    receivers::Receiver,
};

/// A portal with an alert that fires, and the path of the link that its receiver got.
async fn told() -> (Portal, RecordedAlert, String) {
    let (portal, receiver) = (portal().await, Receiver::new().await);
    let on_call = channel(&portal, "on-call", webhook(&receiver.url())).await.id;
    let alert = fires(&portal, "orders", &[on_call]).await;
    portal.server.deliver().await.unwrap();
    let link = receiver.told("/commonAnnotations/acknowledge_url").remove(0);
    let path = link.strip_prefix("http://seaworthy.example").unwrap().to_owned();
    (portal, alert, path)
}

async fn state(portal: &Portal, alert: RecordedAlert) -> (AlertState, Option<String>) {
    let alert = portal.server.app().catalog().alert(alert.id).await.unwrap().unwrap();
    (alert.status.state, alert.status.acknowledged.map(|acknowledged| acknowledged.by))
}

#[tokio::test(flavor = "multi_thread")]
async fn to_look_changes_nothing_and_the_button_acknowledges() {
    let (portal, alert, link) = told().await;
    let mut stranger = portal.browser();
    // As programs that check links do.
    assert_eq!(stranger.get_by(Method::HEAD, &link).await.status, StatusCode::OK);
    let page = stranger.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    shows(&page, &["Do you see to it?", "reception", "Acknowledge: I see to it"]);
    assert_eq!(state(&portal, alert).await, (AlertState::Firing, None));

    let page = stranger.post(&link, &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    shows(&page, &["The alert is acknowledged", "By signed link in on-call"]);
    let by = "signed link in on-call".to_owned();
    assert_eq!(state(&portal, alert).await, (AlertState::Acknowledged, Some(by.clone())));
    let audit = portal.server.app().catalog().audit_log(None, 10).await.unwrap();
    let entry =
        audit.iter().find(|entry| entry.action == "acknowledged an alert").expect("it is in the audit log");
    assert_eq!((&entry.actor, &*entry.subject), (&by, "orders"));

    // Once more is no harm.
    portal.clock.advance(minutes(5));
    assert_eq!(stranger.post(&link, &[]).await.status, StatusCode::OK);
    assert_eq!(state(&portal, alert).await.0, AlertState::Acknowledged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_too_old_or_not_ours_acknowledges_nothing() {
    let (portal, alert, link) = told().await;
    let mut stranger = portal.browser();
    stranger.get(&link).await;
    let other = link.replacen(&format!("/ack/{}.", alert.id), &format!("/ack/{}.", alert.id + 1), 1);
    for forged in [other.as_str(), &link[..link.len() - 1], "/ack/1", "/ack/1.1.99999999999.00"] {
        assert_eq!(stranger.get(forged).await.status, StatusCode::FORBIDDEN, "{forged}");
        let answer = stranger.post(forged, &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{forged}");
        shows(&answer, &["This link is not one of this portal"]);
    }
    portal.clock.advance(Duration::from_secs(7 * 86_400));
    let answer = stranger.post(&link, &[]).await;
    assert_eq!(answer.status, StatusCode::GONE);
    shows(&answer, &["This link does not hold any more"]);
    assert_eq!(state(&portal, alert).await, (AlertState::Firing, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_acknowledges_nothing_in_the_name_of_who_has_the_link() {
    let (portal, alert, link) = told().await;
    let mut stranger = portal.browser();
    assert_eq!(stranger.post(&link, &[]).await.status, StatusCode::FORBIDDEN, "a form of nobody's page");
    assert_eq!(state(&portal, alert).await.0, AlertState::Firing);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_needs_nobody() {
    let (portal, alert, link) = told().await;
    let mut stranger = portal.browser();
    stranger.get(&link).await;
    resolves(&portal, alert, "orders", &[]).await;
    let answer = stranger.post(&link, &[]).await;
    shows(&answer, &["The alert is over"]);
    assert_eq!(state(&portal, alert).await, (AlertState::Resolved, None));
}

/// Whoever reads a stolen database could make links; nobody else can, and no two catalogs make the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_another_portal_is_none_of_this() {
    let ((portal, alert, _), (_other, other_alert, link)) = (told().await, told().await);
    assert_eq!(alert.id, other_alert.id);
    let mut stranger = portal.browser();
    assert_eq!(stranger.get(&link).await.status, StatusCode::FORBIDDEN);
}
