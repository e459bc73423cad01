use reqwest::StatusCode;
use seaworthy_catalog::Role;

use crate::portal::{PASSWORD, Portal, between};

const INVITED: [(&str, &str); 3] = [("name", "Rui <i>"), ("login", "Rui"), ("role", "editor")];

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_chooses_a_password_and_signs_in() {
    let portal = Portal::set_up().await;
    let mut admin = portal.signed_in("ines").await;
    admin.get("/settings/people").await;
    let page = admin.post("/settings/people", &INVITED).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("Rui &lt;i&gt;") && !page.body.contains("<i>"), "names are text");
    let link = between(&page.body, "href=\"/invitation/", "\"").unwrap().to_owned();
    assert!(!admin.get("/settings/people").await.body.contains(&link), "shown once");

    let path = format!("/invitation/{link}");
    let mut rui = portal.browser();
    assert!(rui.get(&path).await.body.contains("<b>rui</b>"));
    for (password, again, message) in
        [("short", "short", "at least 12 characters"), (PASSWORD, "x", "differ")]
    {
        let answer = rui.post(&path, &[("password", password), ("again", again)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(message), "{}", answer.body);
    }
    let answer = rui.post(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(answer.header("location"), "/sign-in");
    assert_eq!(rui.get(&path).await.status, StatusCode::NOT_FOUND, "used up");
    assert_eq!(rui.sign_in("rui", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(rui.get("/settings/tokens").await.status, StatusCode::OK);
    assert_eq!(rui.get("/settings/people").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_invitations_invite_nobody_and_keep_what_was_typed() {
    let portal = Portal::set_up().await;
    let mut admin = portal.signed_in("ines").await;
    admin.get("/settings/people").await;
    for (fields, status, id) in [
        ([("name", "Rui"), ("login", "INES"), ("role", "viewer")], StatusCode::CONFLICT, "login-error"),
        (
            [("name", ""), ("login", "rui"), ("role", "viewer")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "name-error",
        ),
        (
            [("name", "Rui"), ("login", "rui"), ("role", "king")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "role-error",
        ),
    ] {
        let answer = admin.post("/settings/people", &fields).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains(&format!("id=\"{id}\"")), "{id}: {}", answer.body);
        assert!(answer.body.contains(&format!("value=\"{}\"", fields[1].1)), "kept");
    }
    assert_eq!(portal.server.app().catalog().people().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_changes_roles_and_bars_people_at_once() {
    let portal = Portal::set_up().await;
    let rui = portal.member("rui", Role::Viewer).await;
    let mut admin = portal.signed_in("ines").await;
    let mut his = portal.signed_in("rui").await;
    admin.get("/settings/people").await;
    assert_eq!(his.get("/settings/tokens").await.status, StatusCode::FORBIDDEN);
    let changed = admin.post(&format!("/settings/people/{}/role", rui.id), &[("role", "editor")]).await;
    assert_eq!(changed.header("location"), "/settings/people");
    assert_eq!(his.get("/settings/tokens").await.status, StatusCode::OK, "without signing in again");

    admin.post(&format!("/settings/people/{}/disable", rui.id), &[]).await;
    assert_eq!(his.get("/settings/tokens").await.status, StatusCode::SEE_OTHER, "signed out");
    assert_eq!(portal.browser().sign_in("rui", PASSWORD).await.status, StatusCode::FORBIDDEN);
    admin.post(&format!("/settings/people/{}/enable", rui.id), &[]).await;
    assert_eq!(portal.browser().sign_in("rui", PASSWORD).await.status, StatusCode::SEE_OTHER);

    let page = admin.post(&format!("/settings/people/{}/link", rui.id), &[]).await;
    assert!(page.body.contains("href=\"/invitation/"), "{}", page.body);
    let log = admin.get("/settings/people").await.body;
    for line in
        ["changed the role to editor", "disabled", "enabled", "made a new sign-in link", "failed to sign in"]
    {
        assert!(log.contains(line), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_cannot_be_removed() {
    let portal = Portal::set_up().await;
    let mut admin = portal.signed_in("ines").await;
    admin.get("/settings/people").await;
    let ines = portal.server.app().catalog().people().await.unwrap()[0].id;
    for (path, fields) in [("role", vec![("role", "viewer")]), ("disable", vec![])] {
        let answer = admin.post(&format!("/settings/people/{ines}/{path}"), &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.body.contains("this is the last admin who can sign in"), "{}", answer.body);
    }
    assert_eq!(admin.get("/settings/people").await.status, StatusCode::OK, "still an admin");
}
