//! What was acknowledged is there, whatever happens to the portal.

use std::{
    env,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use reqwest::StatusCode;
use seaworthy_tests::{Client, LOGIN, PASSWORD, Portal, eventually, otlp};
use tokio::task::JoinSet;

use crate::{SEAWORTHY, portal};

const SENDERS: usize = 4;
const SPANS_OF_TRACE: u64 = 200;

/// Traces that were acknowledged, and whether a sender has met an error of the connection.
#[derive(Clone, Default)]
struct Sent {
    acknowledged: Arc<Mutex<Vec<String>>>,
    cut_off: Arc<AtomicBool>,
}

impl Sent {
    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }
}

/// Sends traces, one after the other, until the connection fails.
async fn send_until_cut_off(sender: Client, sent: Sent) {
    loop {
        let (id, spans) = otlp::trace(SPANS_OF_TRACE);
        match sender.export(otlp::TRACES, &otlp::spans("reception", spans)).await {
            Ok(answer) if answer.status == StatusCode::OK => {
                assert!(answer.body.is_empty(), "all of it was taken");
                sent.acknowledged.lock().unwrap().push(id);
            }
            Ok(answer) => assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text()),
            Err(_) => return sent.cut_off.store(true, SeqCst),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9_under_load() {
    let (mut portal, sent) = (portal().await, Sent::default());
    for round in 1..=3 {
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            senders.spawn(send_until_cut_off(portal.sender(), sent.clone()));
        }
        eventually("40 more traces are acknowledged", async || (sent.count() >= 40 * round).then_some(()))
            .await;
        portal.kill();
        senders.join_all().await;
        assert!(sent.cut_off.swap(false, SeqCst), "it was killed under load");
        portal.start_again();
    }
    let reader = portal.reader();
    let acknowledged = std::mem::take(&mut *sent.acknowledged.lock().unwrap());
    for id in acknowledged {
        let trace = reader.json(&format!("/api/v1/traces/{id}")).await;
        assert_eq!(trace["spans"], SPANS_OF_TRACE, "trace {id} was acknowledged");
    }
}

/// A new database on the PostgreSQL server that scripts/test starts.
struct Database {
    server: String,
    name: String,
}

impl Database {
    fn make() -> Self {
        let server = env::var("SEAWORTHY_TEST_POSTGRES").expect(
            "SEAWORTHY_TEST_POSTGRES must name a PostgreSQL server in which tests may make databases, such as \
             postgres://postgres@127.0.0.1:5432/postgres; scripts/test starts one and sets it",
        );
        let made = Self { server, name: format!("test_{}", otlp::hex(&otlp::trace_id())) };
        made.run("CREATE DATABASE");
        made
    }

    fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    fn run(&self, what: &str) {
        let statement = format!("{what} {}", self.name);
        let status = Command::new("psql").args(["-qc", &statement, &self.server]).status().unwrap();
        assert!(status.success(), "{statement}: {status}");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.run("DROP DATABASE");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_on_postgresql_survives_kill_9_as_well() {
    let database = Database::make();
    let mut portal = Portal::start(SEAWORTHY, &["--database-url", &database.url()]).await;
    let (id, spans) = otlp::trace(3);
    let answer = portal.sender().export(otlp::TRACES, &otlp::spans("reception", spans)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    let before = portal.reader().json("/api/v1/services").await;
    assert!(!portal.data().join("catalog.db").exists(), "all of it is on the server");

    portal.kill();
    portal.start_again();
    portal.visitor().sign_in(LOGIN, PASSWORD).await;
    let after = portal.reader().json("/api/v1/services").await;
    assert_eq!(before["services"][0]["last_seen_at"], after["services"][0]["last_seen_at"]);
    assert_eq!(portal.reader().json(&format!("/api/v1/traces/{id}")).await["spans"], 3);
    portal.kill();
}
