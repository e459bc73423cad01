//! Forms that do not come from this portal's own pages.

use reqwest::{Method, StatusCode};

use crate::portal::{PASSWORD, Portal};

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_right_token_changes_nothing() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    let mut other = portal.signed_in("ines").await;
    other.get("/account").await;
    let own_form_key = {
        let mut stranger = portal.browser();
        stranger.get("/sign-in").await;
        stranger.form_token
    };
    for wrong in ["", "x", &other.form_token, &own_form_key] {
        browser.form_token = wrong.to_owned();
        let answer = browser.post("/settings/tokens", &[("name", "ci"), ("read", "on")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong:?}");
        assert!(answer.body.contains("This form cannot be trusted"), "{}", answer.body);
    }
    let request = browser.request(Method::POST, "/settings/tokens").form(&[("name", "ci"), ("read", "on")]);
    assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "no token at all");
    assert_eq!(portal.server.app().catalog().tokens().await.unwrap(), []);

    browser.get("/settings/tokens").await;
    assert_eq!(
        browser.post("/settings/tokens", &[("name", "ci"), ("read", "on")]).await.status,
        StatusCode::OK
    );
    assert_eq!(portal.server.app().catalog().tokens().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_may_send_the_token_as_a_header() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    browser.get("/settings/tokens").await;
    for (token, expected) in
        [("x".to_owned(), StatusCode::FORBIDDEN), (browser.form_token.clone(), StatusCode::OK)]
    {
        let form = [("name", "ci"), ("read", "on")];
        let request =
            browser.request(Method::POST, "/settings/tokens").header("x-form-token", token).form(&form);
        assert_eq!(browser.send(request).await.status, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_setting_up_need_the_token_of_this_browser_too() {
    let portal = Portal::set_up().await;
    let mut victim = portal.browser();
    let answer = victim.post("/sign-in", &[("login", "ines"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "no cookie");
    let mut attacker = portal.browser();
    attacker.get("/sign-in").await;
    victim.get("/sign-in").await;
    victim.form_token = attacker.form_token;
    let answer = victim.post("/sign-in", &[("login", "ines"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "another browser's token");
    assert!(answer.body.contains("This form cannot be trusted"));
    assert!(!victim.cookies.contains_key("seaworthy-session"));
    assert_eq!(victim.post("/set-up", &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_browser_says_of_the_origin_is_heard() {
    let portal = Portal::set_up().await;
    let mut browser = portal.browser();
    browser.get("/sign-in").await;
    let own = browser.base.clone();
    for (header, value, let_through) in [
        ("origin", own.as_str(), true),
        ("origin", "https://evil.example", false),
        ("origin", "http://127.0.0.1", false),
        ("origin", "null", false),
        ("origin", "", false),
        ("sec-fetch-site", "same-origin", true),
        ("sec-fetch-site", "none", true),
        ("sec-fetch-site", "same-site", false),
        ("sec-fetch-site", "cross-site", false),
    ] {
        let form = [("form_token", browser.form_token.as_str()), ("login", "ines"), ("password", PASSWORD)];
        let request = browser.request(Method::POST, "/sign-in").header(header, value).form(&form);
        let expected = if let_through { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
        assert_eq!(browser.clone().send(request).await.status, expected, "{header}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_forms_of_a_sensible_size_are_read() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    browser.get("/account").await;
    let json = browser
        .request(Method::POST, "/settings/tokens")
        .header("content-type", "application/json")
        .body("{}");
    assert_eq!(browser.send(json).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let huge = "x".repeat(1 << 21);
    let answer = browser.post("/settings/tokens", &[("name", &huge), ("read", "on")]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(portal.server.app().catalog().tokens().await.unwrap(), []);
}
