//! How long readiness takes: judging 500 services by the twelve points, and showing all of them.
//!
//! `cargo bench -p seaworthy-portal --bench readiness` runs a portal on stores of its own in a temporary folder, by a clock
//! that is driven minute by minute, and prints a table. The aims: a round within 1 s on 2 cores, the page of all services within
//! 200 ms.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use reqwest::{Client, StatusCode, header};
use seaworthy_catalog::{
    Actor, AnswerDefinition, AnswerKind, ItemKey, Passwords, Scope, Scopes, SessionTerms,
};
use seaworthy_portal::{Clock, ServeSettings, Server};
use serde_json::json;
use tempfile::TempDir;

const SERVICES: usize = 500;
/// Items that somebody has answered in every service.
const ANSWERED: [&str; 4] = ["on-call", "escalation", "deploy-documented", "configuration"];
const ROUNDS: usize = 5;
const VISITS: usize = 30;

/// A portal by a clock that the bench drives, at first at noon.
struct Portal {
    server: Server,
    seconds: Arc<AtomicI64>,
    client: Client,
    _folder: TempDir,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!("{} cores", std::thread::available_parallelism().unwrap());
    let portal = Portal::start().await;
    let token = portal.token().await;
    portal.check_in(&token, "1.8.2").await;
    portal.answer().await;
    report("the first round of 500 services", vec![portal.assess().await], None);
    let (mut quiet, mut changed) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        portal.pass_a_minute();
        portal.check_in(&token, "1.8.2").await;
        quiet.push(portal.assess().await);
        portal.pass_a_minute();
        // Every service has another build: what belongs to one is stale, and all of it is recorded.
        portal.check_in(&token, &format!("1.9.{round}")).await;
        changed.push(portal.assess().await);
    }
    report("a round in which little changes", quiet, Some(Duration::from_secs(1)));
    report("a round in which every service is deployed", changed, Some(Duration::from_secs(1)));
    let cookie = format!("seaworthy-session={}", portal.session().await);
    for (what, path, aim) in [
        ("the page of all services and points", "/readiness", Some(200)),
        ("the same as JSON", "/api/v1/readiness", None),
        ("the page of one service", "/services/service-007/readiness", None),
        ("my work, of somebody with nothing to do", "/my-work", None),
    ] {
        report(what, portal.visit(path, &cookie).await, aim.map(Duration::from_millis));
    }
    portal.server.stop().await;
}

impl Portal {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let seconds = Arc::new(AtomicI64::new(noon.as_second()));
        let settings = ServeSettings {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: folder.path().join("data"),
            database_url: None,
            public_url: None,
            trust_proxy: false,
            outgoing: seaworthy_portal::alerts::OutgoingSettings::default(),
            retention_days: 31,
        };
        let driven = seconds.clone();
        let clock = move || Timestamp::from_second(driven.load(Ordering::SeqCst)).unwrap();
        let server = Server::start_by(settings, Clock::driven(clock)).await.unwrap();
        Self { server, seconds, client: Client::new(), _folder: folder }
    }

    fn pass_a_minute(&self) {
        self.seconds.fetch_add(60, Ordering::SeqCst);
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    async fn token(&self) -> String {
        let (catalog, now) = (self.server.app().catalog(), self.server.app().clock().now());
        let scopes = Scopes::new([Scope::Ingest]).unwrap();
        catalog.create_token("bench", scopes, None, &actor(), now).await.unwrap().1.reveal().to_owned()
    }

    /// An instance of every service checks in.
    async fn check_in(&self, token: &str, version: &str) {
        let now = self.server.app().clock().now();
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
            let request = self.client.post(self.url("/api/v1/check-in")).bearer_auth(token).json(&check_in);
            assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
        }
    }

    /// Somebody answers what no agent can tell, in every service.
    async fn answer(&self) {
        let (catalog, now) = (self.server.app().catalog(), self.server.app().clock().now());
        let definition = AnswerDefinition {
            kind: AnswerKind::Satisfied,
            note: "As the wiki says".into(),
            link: Some("https://wiki.example/on-call".into()),
            build: None,
            file: None,
        };
        for service in 0..SERVICES {
            for item in ANSWERED {
                let key =
                    ItemKey { service: name(service), template: "twelve-point".into(), item: item.into() };
                catalog.answer_item(&key, 0, &definition, &actor(), now).await.unwrap();
            }
        }
    }

    /// How long a round takes: reading what is known, judging, and recording.
    async fn assess(&self) -> Duration {
        let begun = Instant::now();
        self.server.assess().await.unwrap();
        begun.elapsed()
    }

    /// How long a page takes, which must name a service.
    async fn visit(&self, path: &str, cookie: &str) -> Vec<Duration> {
        let mut visits = Vec::new();
        for _ in 0..VISITS {
            let begun = Instant::now();
            let request = self.client.get(self.url(path)).header(header::COOKIE, cookie);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let body = response.text().await.unwrap();
            visits.push(begun.elapsed());
            assert!(path == "/my-work" || body.contains("service-007"), "{path}: {body}");
        }
        visits
    }

    /// The session of somebody who may look.
    async fn session(&self) -> String {
        let (catalog, now) = (self.server.app().catalog(), self.server.app().clock().now());
        let hash = Passwords::default().hash("a plain passphrase").await.unwrap();
        catalog.create_first_admin("Inês", "ines", &hash, &actor(), now).await.unwrap();
        let credentials = catalog.credentials("ines").await.unwrap().unwrap();
        let terms = SessionTerms {
            lasts: Duration::from_secs(86_400),
            idle: Duration::from_secs(86_400),
            address: "192.0.2.7".into(),
            user_agent: "bench".into(),
        };
        catalog.start_session(&credentials, &terms, now).await.unwrap().unwrap().reveal().to_owned()
    }
}

fn name(service: usize) -> String {
    format!("service-{service:03}")
}

fn actor() -> Actor {
    Actor { login: "bench".into(), address: String::new() }
}

/// One line of the table: a figure that is to stay within `aim`, where there is one.
fn report(what: &str, mut measured: Vec<Duration>, aim: Option<Duration>) {
    measured.sort_unstable();
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let (p50, max) = (measured[measured.len() / 2], measured[measured.len() - 1]);
    let verdict =
        aim.map(|aim| format!("aim {:.0} ms: {}", ms(aim), if max <= aim { "met" } else { "missed" }));
    println!("{what:<58} p50 {:>9.1} ms  max {:>9.1} ms  {}", ms(p50), ms(max), verdict.unwrap_or_default());
}
