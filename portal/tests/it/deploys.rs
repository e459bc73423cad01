//! Deploys: from what instances tell, and from what pipelines say.

use std::process::Command;

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    pages::{page, shows},
    portal::{Answer, Browser, Portal, minutes},
};

/// An instance of the reception checks in, whose process started now where it is new.
struct Instance<'p> {
    portal: &'p Portal,
    token: String,
    body: Value,
}

impl<'p> Instance<'p> {
    async fn start(portal: &'p Portal, name: &str, version: &str) -> Self {
        let now = portal.clock.now();
        let body = json!({
            "service": "reception", "instance": name, "environment": "production", "sequence": 0, "sent_at": now,
            "build": {"version": version, "commit": format!("{version}-4f1c2aa0b7d9")},
            "process": {"host": "bar-1", "pid": 7, "started_at": now}, "state": "running",
        });
        let mut instance = Self { portal, token: portal.token(&[Scope::Ingest]).await, body };
        instance.say("running", Value::Null).await;
        instance
    }

    async fn say(&mut self, state: &str, drain: Value) {
        self.body["sequence"] = (self.body["sequence"].as_u64().unwrap() + 1).into();
        self.body["state"] = state.into();
        self.body["drain"] = drain;
        let browser = self.portal.browser();
        let request = browser.as_program(Method::POST, "/api/v1/check-in").bearer_auth(&self.token);
        let response = request.json(&self.body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{}", response.text().await.unwrap());
    }

    async fn stop(mut self, aborted: u64) {
        let drain = json!({"in_flight_at_start": 3, "finished": 3, "aborted": aborted, "took_ms": 40, "deadline_ms": 25000});
        self.say("stopped", drain).await;
    }
}

async fn declare(portal: &Portal, token: &str, body: &Value) -> Answer {
    let mut browser = portal.browser();
    let request = browser.as_program(Method::POST, "/api/v1/deploys").bearer_auth(token).json(body);
    browser.send(request).await
}

async fn deploys(browser: &mut Browser, query: &str) -> Vec<Value> {
    let answer = browser.get(&format!("/api/v1/deploys{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let mut view: Value = serde_json::from_str(&answer.body).unwrap();
    serde_json::from_value(view["deploys"].take()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn deploys_and_rollbacks_are_shown_with_minutes_and_drains() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    let empty = page(&mut browser, "/deploys").await;
    shows(&empty, &["No deploy yet", "Start instances with another version", "seaworthy deploy 'reception'"]);

    let a = Instance::start(&portal, "a", "1.8.1").await;
    let other = Instance::start(&portal, "a2", "1.8.1").await;
    shows(&page(&mut browser, "/deploys?service=reception").await, &["No deploy of reception yet"]);
    portal.clock.advance(minutes(10));
    let b = Instance::start(&portal, "b", "1.8.2").await;
    shows(&page(&mut browser, "/deploys").await, &["Deploy seen 1.8.1 to 1.8.2", "under way"]);
    a.stop(0).await;
    portal.clock.advance(minutes(3));
    other.stop(2).await;
    let text = page(&mut browser, "/deploys").await;
    shows(&text, &["reception production Deploy seen 1.8.1 to 1.8.2 1.8.1-4f1c2a to 1.8.2-4f1c2a"]);
    shows(&text, &["20 Nov, 12:10 UTC", "3 min ago 3 min 1 clean, 1 not clean 2 requests aborted"]);

    // Less than five minutes after the end, when the one that was replaced is not counted again.
    portal.clock.advance(minutes(2));
    b.stop(0).await;
    let back = Instance::start(&portal, "c", "1.8.1").await;
    shows(&page(&mut browser, "/deploys").await, &["Rollback seen 1.8.2 to 1.8.1", "0 s 1 clean"]);
    let listed = deploys(&mut browser, "?service=reception").await;
    assert_eq!((&listed[0]["kind"], &listed[1]["kind"]), (&"rollback".into(), &"deploy".into()));
    assert_eq!(listed[1]["drains"], json!({"clean": 1, "not_clean": 1, "lost": 0, "aborted": 2}));
    assert_eq!((&listed[1]["seconds"], &listed[1]["origin"]), (&180.into(), &"seen".into()));
    assert_eq!(deploys(&mut browser, "?service=barista").await, Vec::<Value>::new());
    drop(back);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_says_what_instances_cannot() {
    let portal = Portal::set_up().await;
    let token = portal.token(&[Scope::Write]).await;
    let a = Instance::start(&portal, "a", "1.8.1").await;
    portal.clock.advance(minutes(10));
    let link = "https://ci.example.com/runs/7?a=1&b=\"><script>";
    let said = json!({
        "service": "reception", "environment": "production", "version": "1.8.2", "link": link,
        "started_at": "2026-11-20T12:08:00Z",
    });
    let answer = declare(&portal, &token, &said).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let deploy: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (&deploy["from"]["version"], &deploy["seen_at"], &deploy["declared_by"]),
        (&"1.8.1".into(), &Value::Null, &"token t".into())
    );
    let mut browser = portal.signed_in("ines").await;
    shows(&page(&mut browser, "/deploys").await, &["declared by token t", "not seen"]);

    let b = Instance::start(&portal, "b", "1.8.2").await;
    a.stop(0).await;
    let listed = deploys(&mut browser, "").await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!((&listed[0]["id"], &listed[0]["seconds"]), (&deploy["id"], &120.into()));
    let shown = page(&mut browser, "/deploys").await;
    shows(&shown, &["declared by token t 1.8.1 to 1.8.2", "2 min 1 clean"]);
    assert!(!shown.body.contains("\"><script>"), "{}", shown.body);
    assert!(shown.body.contains("href=\"https://ci.example.com/runs/7"), "{}", shown.body);
    drop(b);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pipeline_says_wrongly_is_told_by_field() {
    let portal = Portal::set_up().await;
    let token = portal.token(&[Scope::Write]).await;
    let _a = Instance::start(&portal, "a", "1.8.1").await;
    let fine = json!({"service": "reception", "version": "1.8.2"});
    for (field, value, status, told) in [
        ("service", json!("receptoin"), 400, "service must be one that has checked in"),
        ("version", json!(" "), 400, "version must be 1 to 255 bytes long"),
        ("version", Value::Null, 422, "version: invalid type: null"),
        ("vesion", json!("1"), 422, "vesion: unknown field `vesion`"),
        ("started_at", json!("noon"), 422, "started_at: "),
        ("started_at", json!("2026-11-20T13:00:00Z"), 400, "started_at must not be in the future"),
        ("link", json!("javascript:alert(1)"), 400, "link must begin with https:// or http://"),
    ] {
        let mut body = fine.clone();
        body[field] = value;
        let answer = declare(&portal, &token, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{field}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(told), "{told:?} is not in {problem}");
    }
    let missing = declare(&portal, &token, &json!({"service": "reception"})).await;
    assert!(missing.body.contains("missing field `version`"), "{}", missing.body);
    let mut browser = portal.signed_in("ines").await;
    assert_eq!(deploys(&mut browser, "").await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_may_declare_from_a_page_of_this_portal_alone() {
    let portal = Portal::set_up().await;
    let _a = Instance::start(&portal, "a", "1.8.1").await;
    portal.member("ana", Role::Viewer).await;
    let body = json!({"service": "reception", "environment": "production", "version": "1.8.2"});
    for (login, with_token, status) in [
        ("ines", false, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("ana", true, StatusCode::FORBIDDEN),
        ("ines", true, StatusCode::CREATED),
    ] {
        let mut browser = portal.signed_in(login).await;
        browser.get("/account").await;
        let mut request = browser.request(Method::POST, "/api/v1/deploys").json(&body);
        if with_token {
            request = request.header("x-form-token", browser.form_token.clone());
        }
        let answer = browser.send(request).await;
        assert_eq!(answer.status, status, "{login}: {}", answer.body);
    }
    let mut browser = portal.signed_in("ines").await;
    assert_eq!(deploys(&mut browser, "").await[0]["declared_by"], "ines");
}

/// What the command says: its exit code and its words.
async fn command(portal: &Portal, scope: Scope, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.arg("deploy").args(arguments).env_clear();
    command.env("SEAWORTHY_PORTAL", format!("http://{}", portal.server.address()));
    command.env("SEAWORTHY_TOKEN", portal.token(&[scope]).await);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_tells_a_portal_of_a_deploy() {
    let portal = Portal::set_up().await;
    let _a = Instance::start(&portal, "a", "1.8.1").await;
    let usual = ["reception", "--version", "1.8.2", "--environment", "production"];
    let more =
        ["--commit", "4f1c2aa", "--started-at", "2026-11-20T11:59:00Z", "--link", "https://ci.example.com/7"];
    let (code, said) = command(&portal, Scope::Write, &[&usual[..], &more[..]].concat()).await;
    let expected = "Told of the deploy of reception in production from 1.8.1 to 1.8.2. No instance has told of it yet.\n";
    assert_eq!((code, said.as_str()), (Some(0), expected));
    let mut browser = portal.signed_in("ines").await;
    let deploy = deploys(&mut browser, "").await.remove(0);
    assert_eq!(
        (&deploy["build"]["commit"], &deploy["started_at"], &deploy["link"]),
        (&"4f1c2aa".into(), &"2026-11-20T11:59:00Z".into(), &"https://ci.example.com/7".into())
    );
    for (scope, arguments, code, told) in [
        (Scope::Read, &usual[..], 1, "A token with scope write is needed."),
        (Scope::Write, &["nobody", "--version", "1"], 1, "service must be one that has checked in"),
        (Scope::Write, &["reception"], 2, "--version"),
        (Scope::Write, &["reception", "--version", "1", "--started-at", "noon"], 2, "--started-at"),
    ] {
        let (exit, said) = command(&portal, scope, arguments).await;
        assert!(exit == Some(code) && said.contains(told), "{arguments:?}: {exit:?} {said}");
    }
}
