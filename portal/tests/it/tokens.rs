use reqwest::StatusCode;
use seaworthy_catalog::Scope;

use crate::portal::{Portal, between};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let portal = Portal::set_up().await;
    let catalog = portal.server.app().catalog();
    let mut browser = portal.signed_in("ines").await;
    browser.get("/settings/tokens").await;
    let page = browser.post("/settings/tokens", &[("name", "<reception>"), ("ingest", "on")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let secret = between(&page.body, "id=\"new-token\" class=\"code\">", "<")
        .unwrap_or_else(|| panic!("{}", page.body));
    assert!(secret.starts_with("sw_"), "{secret}");
    assert!(page.body.contains("&lt;reception&gt;") && !page.body.contains("<reception>"));
    let token = catalog.token(secret, portal.clock.now()).await.unwrap().expect("it works");
    assert!(token.scopes.contains(Scope::Ingest) && !token.scopes.contains(Scope::Read));
    let listed = browser.get("/settings/tokens").await.body;
    assert!(
        !listed.contains(secret) && listed.contains(&token.hint) && listed.contains("by ines"),
        "{listed}"
    );

    let answer = browser.post(&format!("/settings/tokens/{}/revoke", token.id), &[]).await;
    assert_eq!(answer.header("location"), "/settings/tokens");
    assert_eq!(catalog.token(secret, portal.clock.now()).await.unwrap(), None);
    assert_eq!(browser.post("/settings/tokens/999/revoke", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.post("/settings/tokens/x/revoke", &[]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_tokens_are_not_made_and_what_was_typed_is_kept() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    browser.get("/settings/tokens").await;
    for (fields, id) in [
        (vec![("name", "  "), ("read", "on")], "name-error"),
        (vec![("name", "reception")], "scopes-error"),
        (vec![], "scopes-error"),
    ] {
        let answer = browser.post("/settings/tokens", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(&format!("id=\"{id}\"")), "{id}: {}", answer.body);
        if let Some((_, name)) = fields.first() {
            assert!(answer.body.contains(&format!("value=\"{name}\"")), "kept");
        }
    }
    assert_eq!(portal.server.app().catalog().tokens().await.unwrap(), []);
}
