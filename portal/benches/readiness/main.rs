//! How long readiness takes: judging 500 services by the twelve points, and showing all of them.
//!
//! `cargo bench -p seaworthy-portal --bench readiness` runs a portal on stores of its own in a temporary folder, by a clock
//! that is driven minute by minute, and prints a table. The aims: a round within 1 s on 2 cores, the page of all services within
//! 200 ms.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

#[path = "../portal/mod.rs"]
mod portal;

use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use seaworthy_catalog::{AnswerDefinition, AnswerKind, ItemKey, Scope, Scopes};
use serde_json::json;

use self::portal::{Portal, actor, report};

const SERVICES: usize = 500;
/// Items that somebody has answered in every service.
const ANSWERED: [&str; 4] = ["on-call", "escalation", "deploy-documented", "configuration"];
const ROUNDS: usize = 5;
const VISITS: usize = 30;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let portal = Portal::start().await;
    let token = token(&portal).await;
    check_in(&portal, &token, "1.8.2").await;
    answer(&portal).await;
    report("the first round of 500 services", vec![assess(&portal).await], None);
    let (mut quiet, mut changed) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        portal.pass_a_minute();
        check_in(&portal, &token, "1.8.2").await;
        quiet.push(assess(&portal).await);
        portal.pass_a_minute();
        // Every service has another build: what belongs to one is stale, and all of it is recorded.
        check_in(&portal, &token, &format!("1.9.{round}")).await;
        changed.push(assess(&portal).await);
    }
    report("a round in which little changes", quiet, Some(Duration::from_secs(1)));
    report("a round in which every service is deployed", changed, Some(Duration::from_secs(1)));
    let cookie = portal.session().await;
    for (what, path, text, aim) in [
        ("the page of all services and points", "/readiness", "service-007", Some(200)),
        ("the same as JSON", "/api/v1/readiness", "service-007", None),
        ("the page of one service", "/services/service-007/readiness", "service-007", None),
        ("my work, of somebody with nothing to do", "/my-work", "My work", None),
    ] {
        report(what, portal.visit(path, &cookie, VISITS, &[text]).await, aim.map(Duration::from_millis));
    }
    portal.server.stop().await;
}

async fn token(portal: &Portal) -> String {
    let scopes = Scopes::new([Scope::Ingest]).unwrap();
    let made = portal.catalog().create_token("bench", scopes, None, &actor(), portal.now()).await;
    made.unwrap().1.reveal().to_owned()
}

/// An instance of every service checks in.
async fn check_in(portal: &Portal, token: &str, version: &str) {
    let (client, url, now) = (Client::new(), portal.url("/api/v1/check-in"), portal.now());
    for service in 0..SERVICES {
        let name = name(service);
        let check = json!({"name": "database", "critical": true, "result": {"is": "pass"}});
        let check_in = json!({
            "service": name, "instance": format!("{name}-{version}"), "sequence": now.as_second(), "sent_at": now,
            "agent": "seaworthy-agent/0.1.0", "state": "running",
            "build": {"version": version, "commit": "4f2c9ab", "built_at": "2026-11-01T00:00:00Z"},
            "process": {"host": "node-07", "pid": 4127, "started_at": now, "admin_address": "127.0.0.1:9000"},
            "health": {"status": "OK", "checks": [check]},
            "figures": {"cpu_cores": 0.2, "cpu_limit_cores": 2.0, "memory_bytes": 100, "memory_limit_bytes": 400},
        });
        let request = client.post(&url).bearer_auth(token).json(&check_in);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }
}

/// Somebody answers what no agent can tell, in every service.
async fn answer(portal: &Portal) {
    let definition = AnswerDefinition {
        kind: AnswerKind::Satisfied,
        note: "As the wiki says".into(),
        link: Some("https://wiki.example/on-call".into()),
        build: None,
        file: None,
    };
    for service in 0..SERVICES {
        for item in ANSWERED {
            let key = ItemKey { service: name(service), template: "twelve-point".into(), item: item.into() };
            portal.catalog().answer_item(&key, 0, &definition, &actor(), portal.now()).await.unwrap();
        }
    }
}

/// How long a round takes: reading what is known, judging, and recording.
async fn assess(portal: &Portal) -> Duration {
    let begun = Instant::now();
    portal.server.assess().await.unwrap();
    begun.elapsed()
}

fn name(service: usize) -> String {
    format!("service-{service:03}")
}
