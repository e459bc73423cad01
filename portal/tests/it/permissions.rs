//! Every route, and who may call it.

use axum::{Router, body::Body, http::Request, routing::post};
use reqwest::{Method, StatusCode, header};
use seaworthy_catalog::{Role, Scope};
use seaworthy_portal::{
    auth::{IngestToken, Reader, Who},
    routes::{Route, list},
};
use tower::ServiceExt;

use crate::portal::{Answer, Browser, Portal};

/// The one table. A route that is not in it fails the test, and so does a line without a route.
const TABLE: &[(&str, &str, Who)] = &[
    ("GET", "/", Who::Viewer),
    ("GET", "/services/{service}", Who::Viewer),
    ("GET", "/readiness", Who::Viewer),
    ("GET", "/my-work", Who::Viewer),
    ("GET", "/services/{service}/now", Who::Viewer),
    ("GET", "/services/{service}/settings", Who::Viewer),
    ("POST", "/services/{service}/settings", Who::Editor),
    ("GET", "/services/{service}/readiness", Who::Viewer),
    ("GET", "/services/{service}/readiness/history", Who::Viewer),
    ("GET", "/services/{service}/readiness/export", Who::Viewer),
    ("GET", "/services/{service}/readiness/export.md", Who::Reader),
    ("GET", "/services/{service}/readiness/export.csv", Who::Reader),
    ("GET", "/services/{service}/readiness/print", Who::Viewer),
    ("GET", "/badges/{badge}", Who::Reader),
    ("GET", "/badge/{tag}/{badge}", Who::Anyone),
    ("GET", "/services/{service}/readiness/{template}/{item}", Who::Viewer),
    ("POST", "/services/{service}/readiness/{template}/{item}/answer", Who::Editor),
    ("POST", "/services/{service}/readiness/{template}/{item}/withdraw", Who::Editor),
    ("POST", "/services/{service}/readiness/{template}/{item}/waive", Who::Editor),
    ("POST", "/services/{service}/readiness/{template}/{item}/assign", Who::Editor),
    ("POST", "/services/{service}/readiness/{template}/{item}/comment", Who::Editor),
    ("POST", "/waivers/{waiver}/approve", Who::Editor),
    ("POST", "/waivers/{waiver}/end", Who::Editor),
    ("GET", "/slos", Who::Viewer),
    ("GET", "/slos/new", Who::Editor),
    ("POST", "/slos", Who::Editor),
    ("POST", "/slos/preview", Who::Editor),
    ("GET", "/slos/report", Who::Viewer),
    ("GET", "/slos/import", Who::Editor),
    ("POST", "/slos/import", Who::Editor),
    ("POST", "/slos/import/look", Who::Editor),
    ("GET", "/slos/{slo}", Who::Viewer),
    ("GET", "/slos/{slo}/edit", Who::Editor),
    ("POST", "/slos/{slo}", Who::Editor),
    ("POST", "/slos/{slo}/delete", Who::Editor),
    ("GET", "/ack/{link}", Who::Anyone),
    ("POST", "/ack/{link}", Who::Anyone),
    ("GET", "/maintenance", Who::Viewer),
    ("GET", "/maintenance/new", Who::Editor),
    ("POST", "/maintenance", Who::Editor),
    ("GET", "/maintenance/{plan}/edit", Who::Editor),
    ("POST", "/maintenance/{plan}", Who::Editor),
    ("POST", "/maintenance/{plan}/delete", Who::Editor),
    ("GET", "/deploys", Who::Viewer),
    ("GET", "/gamedays", Who::Viewer),
    ("GET", "/gamedays/new", Who::Editor),
    ("POST", "/gamedays", Who::Editor),
    ("GET", "/gamedays/{gameday}", Who::Viewer),
    ("GET", "/gamedays/{gameday}/edit", Who::Editor),
    ("POST", "/gamedays/{gameday}", Who::Editor),
    ("POST", "/gamedays/{gameday}/delete", Who::Editor),
    ("GET", "/gamedays/{gameday}/conclusion", Who::Editor),
    ("POST", "/gamedays/{gameday}/conclusion", Who::Editor),
    ("GET", "/gamedays/{gameday}/scenarios/new", Who::Editor),
    ("POST", "/gamedays/{gameday}/scenarios", Who::Editor),
    ("POST", "/gamedays/{gameday}/scenarios/look", Who::Editor),
    ("GET", "/gamedays/{gameday}/scenarios/{scenario}", Who::Editor),
    ("POST", "/gamedays/{gameday}/scenarios/{scenario}", Who::Editor),
    ("POST", "/gamedays/{gameday}/scenarios/{scenario}/start", Who::Editor),
    ("POST", "/gamedays/{gameday}/scenarios/{scenario}/end", Who::Editor),
    ("POST", "/gamedays/{gameday}/scenarios/{scenario}/remove", Who::Editor),
    ("POST", "/gamedays/{gameday}/tickets", Who::Editor),
    ("POST", "/gamedays/{gameday}/tickets/{ticket}", Who::Editor),
    ("GET", "/load-tests", Who::Viewer),
    ("GET", "/load-tests/new", Who::Editor),
    ("POST", "/load-tests", Who::Editor),
    ("POST", "/load-tests/look", Who::Editor),
    ("GET", "/load-tests/{test}", Who::Viewer),
    ("GET", "/load-tests/{test}/edit", Who::Editor),
    ("POST", "/load-tests/{test}", Who::Editor),
    ("POST", "/load-tests/{test}/delete", Who::Editor),
    ("GET", "/capacity", Who::Viewer),
    ("GET", "/alerts", Who::Viewer),
    ("GET", "/alerts/{alert}", Who::Viewer),
    ("POST", "/alerts/{alert}/acknowledge", Who::Editor),
    ("GET", "/silences", Who::Viewer),
    ("GET", "/silences/new", Who::Editor),
    ("POST", "/silences", Who::Editor),
    ("POST", "/silences/{silence}/end", Who::Editor),
    ("GET", "/runbooks", Who::Viewer),
    ("GET", "/runbooks/new", Who::Editor),
    ("POST", "/runbooks", Who::Editor),
    ("GET", "/runbooks/{runbook}", Who::Viewer),
    ("POST", "/runbooks/{runbook}", Who::Editor),
    ("GET", "/runbooks/{runbook}/edit", Who::Editor),
    ("POST", "/runbooks/{runbook}/review", Who::Editor),
    ("POST", "/runbooks/{runbook}/delete", Who::Editor),
    ("GET", "/runbooks/{runbook}/versions/{version}", Who::Viewer),
    ("POST", "/runbooks/{runbook}/runs", Who::Editor),
    ("GET", "/runs", Who::Viewer),
    ("GET", "/runs/{run}", Who::Viewer),
    ("POST", "/runs/{run}/steps/{step}", Who::Editor),
    ("POST", "/runs/{run}/hand-over", Who::Editor),
    ("POST", "/runs/{run}/finish", Who::Editor),
    ("GET", "/incidents", Who::Viewer),
    ("GET", "/incidents/new", Who::Editor),
    ("POST", "/incidents", Who::Editor),
    ("GET", "/incidents/{incident}", Who::Viewer),
    ("POST", "/incidents/{incident}", Who::Editor),
    ("GET", "/incidents/{incident}/edit", Who::Editor),
    ("POST", "/incidents/{incident}/delete", Who::Editor),
    ("POST", "/incidents/{incident}/timeline", Who::Editor),
    ("POST", "/incidents/{incident}/items", Who::Editor),
    ("POST", "/incidents/{incident}/items/{item}", Who::Editor),
    ("POST", "/incidents/{incident}/resolve", Who::Editor),
    ("POST", "/incidents/{incident}/reopen", Who::Editor),
    ("GET", "/incidents/{incident}/postmortem", Who::Viewer),
    ("POST", "/incidents/{incident}/postmortem", Who::Editor),
    ("GET", "/incidents/{incident}/postmortem/edit", Who::Editor),
    ("GET", "/training", Who::Viewer),
    ("GET", "/training/{service}", Who::Viewer),
    ("POST", "/training/{service}", Who::Editor),
    ("GET", "/training/{service}/edit", Who::Editor),
    ("POST", "/training/{service}/delete", Who::Editor),
    ("GET", "/errors", Who::Viewer),
    ("GET", "/errors/{group}", Who::Viewer),
    ("POST", "/errors/{group}/mute", Who::Editor),
    ("POST", "/errors/{group}/reopen", Who::Editor),
    ("POST", "/errors/{group}/resolve", Who::Editor),
    ("GET", "/logs", Who::Viewer),
    ("POST", "/services/{service}/profile-schedule", Who::Editor),
    ("GET", "/services/{service}/log-filter", Who::Viewer),
    ("POST", "/services/{service}/log-filter", Who::Editor),
    ("GET", "/api/v1/services/{service}/log-filter", Who::Reader),
    ("POST", "/api/v1/services/{service}/log-filter", Who::Contributor),
    ("GET", "/services/{service}/profiles", Who::Viewer),
    ("POST", "/services/{service}/captures", Who::Editor),
    ("GET", "/profiles/{profile}", Who::Viewer),
    ("GET", "/profiles/{profile}/download", Who::Viewer),
    ("GET", "/profiles/{profile}/diff/{other}", Who::Viewer),
    ("GET", "/traces", Who::Viewer),
    ("GET", "/traces/{trace_id}", Who::Viewer),
    ("GET", "/search", Who::Viewer),
    ("GET", "/assets/{version}/{*name}", Who::Anyone),
    ("GET", "/livez", Who::Anyone),
    ("GET", "/readyz", Who::Anyone),
    ("GET", "/api/v1/openapi.json", Who::Anyone),
    ("GET", "/api/v1/channels", Who::Reader),
    ("GET", "/api/v1/channels/{channel}", Who::Reader),
    ("GET", "/api/v1/services", Who::Reader),
    ("GET", "/api/v1/services/{service}", Who::Reader),
    ("GET", "/api/v1/services/{service}/now", Who::Reader),
    ("GET", "/api/v1/services/{service}/gate", Who::Reader),
    ("GET", "/api/v1/readiness", Who::Reader),
    ("GET", "/api/v1/services/{service}/readiness", Who::Reader),
    ("GET", "/api/v1/services/{service}/readiness/{template}/{item}", Who::Reader),
    ("GET", "/api/v1/slos", Who::Reader),
    ("GET", "/api/v1/slos/{slo}", Who::Reader),
    ("GET", "/api/v1/report", Who::Reader),
    ("GET", "/api/v1/maintenance", Who::Reader),
    ("GET", "/api/v1/deploys", Who::Reader),
    ("POST", "/api/v1/deploys", Who::Contributor),
    ("GET", "/api/v1/gamedays", Who::Reader),
    ("GET", "/api/v1/gamedays/{gameday}", Who::Reader),
    ("GET", "/api/v1/load-tests", Who::Reader),
    ("GET", "/api/v1/load-tests/{test}", Who::Reader),
    ("POST", "/api/v1/load-tests", Who::Writer),
    ("GET", "/api/v1/capacity", Who::Reader),
    ("GET", "/api/v1/slos/{slo}/openslo", Who::Reader),
    ("GET", "/api/v1/slos/{slo}/prometheus", Who::Reader),
    ("GET", "/api/v1/openslo", Who::Reader),
    ("POST", "/api/v1/files", Who::Writer),
    ("POST", "/api/v1/files/plan", Who::Reader),
    ("GET", "/api/v1/prometheus", Who::Reader),
    ("GET", "/api/v1/alerts", Who::Reader),
    ("GET", "/api/v1/alerts/{alert}", Who::Reader),
    ("GET", "/api/v1/silences", Who::Reader),
    ("GET", "/api/v1/runbooks", Who::Reader),
    ("GET", "/api/v1/runbooks/{runbook}", Who::Reader),
    ("GET", "/api/v1/runbooks/{runbook}/versions/{version}", Who::Reader),
    ("GET", "/api/v1/runs", Who::Reader),
    ("GET", "/api/v1/runs/{run}", Who::Reader),
    ("GET", "/api/v1/incidents", Who::Reader),
    ("GET", "/api/v1/incidents/{incident}", Who::Reader),
    ("GET", "/api/v1/training", Who::Reader),
    ("GET", "/api/v1/training/{service}", Who::Reader),
    ("GET", "/api/v1/errors", Who::Reader),
    ("GET", "/api/v1/errors/{group}", Who::Reader),
    ("GET", "/api/v1/logs", Who::Reader),
    ("GET", "/api/v1/services/{service}/profiles", Who::Reader),
    ("POST", "/api/v1/services/{service}/captures", Who::Contributor),
    ("GET", "/api/v1/profiles/{profile}", Who::Reader),
    ("GET", "/api/v1/profiles/{profile}/pprof", Who::Reader),
    ("GET", "/api/v1/profiles/{profile}/diff/{other}", Who::Reader),
    ("POST", "/api/v1/profiles", Who::IngestToken),
    ("GET", "/api/v1/traces", Who::Reader),
    ("GET", "/api/v1/traces/{trace_id}", Who::Reader),
    ("POST", "/api/v1/check-in", Who::IngestToken),
    ("POST", "/v1/logs", Who::IngestToken),
    ("POST", "/v1/metrics", Who::IngestToken),
    ("POST", "/v1/traces", Who::IngestToken),
    ("GET", "/sign-in", Who::Anyone),
    ("POST", "/sign-in", Who::Anyone),
    ("POST", "/sign-out", Who::Viewer),
    ("GET", "/set-up", Who::Anyone),
    ("POST", "/set-up", Who::Anyone),
    ("GET", "/invitation/{secret}", Who::Anyone),
    ("POST", "/invitation/{secret}", Who::Anyone),
    ("GET", "/account", Who::Viewer),
    ("POST", "/account/password", Who::Viewer),
    ("POST", "/account/sessions/{session}/end", Who::Viewer),
    ("GET", "/settings/channels", Who::Editor),
    ("GET", "/settings/channels/new", Who::Admin),
    ("POST", "/settings/channels/new", Who::Admin),
    ("GET", "/settings/channels/{channel}/edit", Who::Admin),
    ("POST", "/settings/channels/{channel}/edit", Who::Admin),
    ("POST", "/settings/channels/{channel}/delete", Who::Admin),
    ("POST", "/settings/channels/{channel}/test", Who::Admin),
    ("POST", "/settings/dead-letters/{letter}/retry", Who::Editor),
    ("GET", "/settings/templates", Who::Viewer),
    ("POST", "/settings/templates", Who::Admin),
    ("GET", "/settings/templates/new", Who::Admin),
    ("POST", "/settings/templates/look", Who::Admin),
    ("GET", "/settings/templates/{template}", Who::Viewer),
    ("GET", "/settings/templates/{template}/edit", Who::Admin),
    ("POST", "/settings/templates/{template}/use", Who::Admin),
    ("GET", "/settings/tokens", Who::Editor),
    ("POST", "/settings/tokens", Who::Editor),
    ("POST", "/settings/tokens/{token}/revoke", Who::Editor),
    ("GET", "/settings/people", Who::Admin),
    ("POST", "/settings/people", Who::Admin),
    ("POST", "/settings/people/{person}/link", Who::Admin),
    ("POST", "/settings/people/{person}/role", Who::Admin),
    ("POST", "/settings/people/{person}/disable", Who::Admin),
    ("POST", "/settings/people/{person}/enable", Who::Admin),
];

#[test]
fn every_route_is_in_the_table() {
    let line = |method: &str, path: &str, who: Who| format!("({method:?}, {path:?}, Who::{who:?}),");
    let mut expected: Vec<_> = TABLE.iter().map(|(method, path, who)| line(method, path, *who)).collect();
    let mut routes: Vec<_> =
        list().into_iter().map(|Route { method, path, who }| line(method.as_str(), path, who)).collect();
    expected.sort_unstable();
    routes.sort_unstable();
    let unlisted: Vec<_> = routes.iter().filter(|route| !expected.contains(route)).collect();
    assert!(unlisted.is_empty(), "say in TABLE who may call: {unlisted:#?}");
    assert_eq!(expected, routes, "TABLE has lines without a route, or twice");
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    StrangerInABrowser,
    Program,
    Person(Role),
    Token(Scope),
}

const EVERYBODY: [As; 8] = [
    As::StrangerInABrowser,
    As::Program,
    As::Person(Role::Viewer),
    As::Person(Role::Editor),
    As::Person(Role::Admin),
    As::Token(Scope::Ingest),
    As::Token(Scope::Read),
    As::Token(Scope::Write),
];

fn may(caller: As, who: Who) -> bool {
    match who {
        Who::Anyone => true,
        Who::IngestToken => caller == As::Token(Scope::Ingest),
        Who::Writer => caller == As::Token(Scope::Write),
        Who::Contributor => {
            matches!(caller, As::Person(Role::Editor | Role::Admin) | As::Token(Scope::Write))
        }
        Who::Reader => matches!(caller, As::Person(_) | As::Token(Scope::Read | Scope::Write)),
        Who::Viewer => matches!(caller, As::Person(_)),
        Who::Editor => matches!(caller, As::Person(Role::Editor | Role::Admin)),
        Who::Admin => caller == As::Person(Role::Admin),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_through_whom_the_table_says_and_nobody_else() {
    let portal = Portal::set_up().await;
    portal.member("Viewer", Role::Viewer).await;
    portal.member("Editor", Role::Editor).await;
    for (method, path, who) in TABLE {
        for caller in EVERYBODY {
            let answer = call(&portal, caller, method, path).await;
            let name = format!("{method} {path} as {caller:?}: {} {}", answer.status, answer.body);
            assert!(!answer.status.is_server_error(), "{name}");
            if may(caller, *who) {
                assert!(!is_denied(path, &answer), "{name}");
            } else {
                assert_eq!(answer.status, refusal(caller, method, path, *who), "{name}");
                assert!(is_denied(path, &answer), "{name}");
            }
        }
    }
}

/// How somebody is refused who may not.
fn refusal(caller: As, method: &str, path: &str, who: Who) -> StatusCode {
    let is_page = !path.starts_with("/api/");
    match (caller, method, who) {
        (As::Person(_), _, Who::IngestToken | Who::Writer) => StatusCode::UNAUTHORIZED,
        (As::Person(_), ..) => StatusCode::FORBIDDEN,
        (As::StrangerInABrowser, "GET", Who::Viewer | Who::Editor | Who::Admin) => StatusCode::SEE_OTHER,
        (As::StrangerInABrowser, "GET", Who::Reader) if is_page => StatusCode::SEE_OTHER,
        (As::StrangerInABrowser, _, Who::Viewer | Who::Editor | Who::Admin) => StatusCode::FORBIDDEN,
        (As::Token(_), _, Who::IngestToken | Who::Writer | Who::Contributor | Who::Reader) => {
            StatusCode::FORBIDDEN
        }
        _ => StatusCode::UNAUTHORIZED,
    }
}

fn is_denied(path: &str, answer: &Answer) -> bool {
    const REASONS: [&str; 6] = [
        "You may not do this",
        "You are not signed in any more",
        "Nobody is signed in",
        "A token is needed",
        "This token may not do this",
        "This form cannot be trusted",
    ];
    let location = answer.header("location");
    // The sign-in leads to the first page by itself.
    let sent_to_sign_in = location.starts_with("/sign-in?next=") || (path == "/" && location == "/sign-in");
    sent_to_sign_in || REASONS.iter().any(|reason| answer.body.contains(reason))
}

async fn call(portal: &Portal, caller: As, method: &str, path: &str) -> Answer {
    let mut browser = match caller {
        As::Person(Role::Admin) => portal.signed_in("ines").await,
        As::Person(role) => portal.signed_in(role.as_str()).await,
        _ => portal.browser(),
    };
    let token = match caller {
        As::Token(scope) => Some(portal.token(&[scope]).await),
        _ => None,
    };
    form_token_for(&mut browser, caller, path).await;
    let path = path.replace("{secret}", "x").replace("{session}", "999").replace("{token}", "999");
    let path = path
        .replace("{alert}", "999")
        .replace("{silence}", "999")
        .replace("{person}", "999")
        .replace("{service}", "x")
        .replace("{trace_id}", "x");
    let method: Method = method.parse().unwrap();
    let by_program = matches!(caller, As::Program | As::Token(_));
    // A program that has been to the open forms shows their cookie too.
    let cookie = browser.cookies.get("seaworthy-form").map(|key| format!("seaworthy-form={key}"));
    let mut request = match by_program {
        true => browser.as_program(method.clone(), &path).header(header::COOKIE, cookie.unwrap_or_default()),
        false => browser.request(method.clone(), &path),
    };
    if method == Method::POST {
        request = request.form(&[("form_token", browser.form_token.as_str())]);
    }
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    browser.send(request).await
}

/// The form token that a page of this portal would have given.
async fn form_token_for(browser: &mut Browser, caller: As, path: &str) {
    let open = TABLE.iter().any(|(_, listed, who)| *listed == path && *who == Who::Anyone);
    if open {
        let signed_in = browser.cookies.remove("seaworthy-session");
        browser.get("/sign-in").await;
        browser.cookies.extend(signed_in.map(|cookie| ("seaworthy-session".to_owned(), cookie)));
    } else if matches!(caller, As::Person(_)) {
        browser.get("/account").await;
    }
}

/// Tokens open what their scope says, whatever routes there are.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_what_its_scope_says() {
    let portal = Portal::set_up().await;
    let ingest = portal.token(&[Scope::Ingest]).await;
    let read = portal.token(&[Scope::Read]).await;
    let both = portal.token(&[Scope::Ingest, Scope::Read]).await;
    let service = Router::new()
        .route("/in", post(async |_: IngestToken| "in"))
        .route("/out", post(async |_: Reader| "out"))
        .with_state(portal.server.app().clone());
    let unknown = r#"Bearer realm="seaworthy", error="invalid_token""#;
    let lacks_ingest = r#"Bearer realm="seaworthy", error="insufficient_scope", scope="ingest""#;
    let lacks_read = r#"Bearer realm="seaworthy", error="insufficient_scope", scope="read""#;
    let missing = r#"Bearer realm="seaworthy""#;
    for (path, authorization, status, challenge) in [
        ("/in", format!("Bearer {ingest}"), 200, ""),
        ("/in", format!("bearer  {ingest} "), 200, ""),
        ("/in", format!("Bearer {both}"), 200, ""),
        ("/in", format!("Bearer {read}"), 403, lacks_ingest),
        ("/in", format!("Bearer {ingest}x"), 401, unknown),
        ("/in", "Bearer ".into(), 401, unknown),
        ("/in", format!("Basic {ingest}"), 401, missing),
        ("/in", ingest.clone(), 401, missing),
        ("/out", format!("Bearer {read}"), 200, ""),
        ("/out", format!("Bearer {both}"), 200, ""),
        ("/out", format!("Bearer {ingest}"), 403, lacks_read),
        ("/out", "Basic eDp5".into(), 401, missing),
    ] {
        let request = Request::post(path).header(header::AUTHORIZATION, &authorization);
        let response = service.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path} {authorization}");
        let told = response.headers().get(header::WWW_AUTHENTICATE).map_or("", |v| v.to_str().unwrap());
        assert_eq!(told, challenge, "{path} {authorization}");
    }
}
