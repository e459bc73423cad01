//! How errors are told, and the headers on every answer.

use reqwest::{Method, StatusCode};

use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_problem_json_and_people_a_page() {
    let portal = Portal::set_up().await;
    let mut browser = portal.browser();
    for (method, path, status) in [
        (Method::GET, "/no/such/<page>", StatusCode::NOT_FOUND),
        (Method::DELETE, "/sign-in", StatusCode::METHOD_NOT_ALLOWED),
        (Method::GET, "/sign-in?next=a&next=b", StatusCode::BAD_REQUEST),
    ] {
        let request = browser.as_program(method.clone(), path);
        let answer = browser.send(request).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["status"], status.as_u16());
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        if status == StatusCode::METHOD_NOT_ALLOWED {
            assert!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
        }

        let answer = browser.get_by(method, path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
        let title = problem["title"].as_str().unwrap();
        assert!(answer.body.contains(&format!("<h1>{title}</h1>")), "{}", answer.body);
        assert!(!answer.body.contains("<page>"), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_that_protect_its_reader() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    for path in ["/sign-in", "/account", "/nowhere", "/livez"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
             connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "not under TLS");
        assert!(!answer.body.contains("<script>") && !answer.body.contains("style="), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_does_not_answer_is_told_without_details() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    assert_eq!(browser.get("/readyz").await.status, StatusCode::OK);
    portal.server.app().catalog().close().await;
    let answer = browser.get("/account").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.contains("The portal could not do this"), "{}", answer.body);
    assert!(!answer.body.to_lowercase().contains("pool") && !answer.body.contains("sql"), "{}", answer.body);
    assert_eq!(browser.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(browser.get("/livez").await.status, StatusCode::OK);
}
