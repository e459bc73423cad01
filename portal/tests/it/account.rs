use reqwest::StatusCode;
use seaworthy_catalog::Role;

use crate::portal::{PASSWORD, Portal, between};

const NEW: &str = "another passphrase";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_signs_out_everywhere_else() {
    let portal = Portal::set_up().await;
    let mut elsewhere = portal.signed_in("ines").await;
    let mut browser = portal.signed_in("ines").await;
    browser.get("/account").await;
    let fields = [("current", PASSWORD), ("password", NEW), ("again", NEW)];
    let answer = browser.post("/account/password", &fields).await;
    assert_eq!(answer.header("location"), "/account?password_changed=yes", "{}", answer.body);
    assert!(browser.get("/account?password_changed=yes").await.body.contains("The password is changed"));
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(portal.browser().sign_in("ines", PASSWORD).await.status, StatusCode::FORBIDDEN);
    assert_eq!(portal.browser().sign_in("ines", NEW).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_only_by_who_knows_it() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    browser.get("/account").await;
    for (current, password, again, status, message) in [
        ("wrong", NEW, NEW, StatusCode::FORBIDDEN, "is wrong"),
        (PASSWORD, NEW, "different!", StatusCode::UNPROCESSABLE_ENTITY, "The two passwords differ"),
        (PASSWORD, "short", "short", StatusCode::UNPROCESSABLE_ENTITY, "at least 12 characters"),
    ] {
        let fields = [("current", current), ("password", password), ("again", again)];
        let answer = browser.post("/account/password", &fields).await;
        assert_eq!(answer.status, status, "{message}");
        assert!(answer.body.contains(message), "{message}: {}", answer.body);
    }
    for _ in 0..5 {
        browser.post("/account/password", &[("current", "wrong"), ("password", NEW), ("again", NEW)]).await;
    }
    let answer =
        browser.post("/account/password", &[("current", "wrong"), ("password", NEW), ("again", NEW)]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "a stolen session cannot guess the password");
    portal.clock.advance(crate::portal::minutes(1));
    assert_eq!(portal.browser().sign_in("ines", PASSWORD).await.status, StatusCode::SEE_OTHER, "unchanged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_their_own_sessions_and_nobody_elses() {
    let portal = Portal::set_up().await;
    portal.member("rui", Role::Viewer).await;
    let mut elsewhere = portal.signed_in("ines").await;
    let catalog = portal.server.app().catalog();
    let ines = catalog.credentials("ines").await.unwrap().unwrap().person.id;
    let theirs = catalog.sessions(ines, portal.clock.now()).await.unwrap()[0].id;

    let mut rui = portal.signed_in("rui").await;
    rui.get("/account").await;
    let answer = rui.post(&format!("/account/sessions/{theirs}/end"), &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::OK);

    let mut browser = portal.signed_in("ines").await;
    let page = browser.get("/account").await;
    assert_eq!(page.body.matches("/account/sessions/").count(), 2);
    assert!(between(&page.body, "(this browser)", "Sign out").is_some());
    let answer = browser.post(&format!("/account/sessions/{theirs}/end"), &[]).await;
    assert_eq!(answer.header("location"), "/account");
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}
