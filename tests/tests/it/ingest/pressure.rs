//! What senders are told when the store is behind, or cannot write at all.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use jiff::tz::TimeZone;
use prost::Message;
use reqwest::StatusCode;
use seaworthy_tests::{eventually, otlp};
use serde_json::json;
use tokio::task::JoinSet;

use super::PROTOBUF;
use crate::portal;

/// Another process that holds the lock of an SQLite file, as a backup would.
struct Holder(Child);

impl Holder {
    fn of(file: &Path) -> Self {
        const PROGRAM: &str = "import sqlite3, sys\n\
            held = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
            held.execute('BEGIN IMMEDIATE')\n\
            print('held', flush=True)\n\
            sys.stdin.read()";
        let mut python = Command::new("python3");
        python.args(["-c", PROGRAM]).arg(file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().expect("python3 starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

const SPANS_OF_TRACE: u64 = 150;

/// A request with 15,000 spans, and the id of the last of its traces.
fn many_traces() -> (String, Vec<u8>) {
    let traces: Vec<_> = (0..100).map(|_| otlp::trace(SPANS_OF_TRACE)).collect();
    let last = traces[99].0.clone();
    let spans = traces.into_iter().flat_map(|(_, spans)| spans).collect();
    (last, otlp::spans("reception", spans).encode_to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_behind_says_when_to_come_again_and_keeps_what_it_took() {
    let portal = portal().await;
    let (sender, reader) = (portal.sender(), portal.reader());
    let (_, spans) = otlp::trace(1);
    assert_eq!(
        sender.export(otlp::TRACES, &otlp::spans("reception", spans)).await.unwrap().status,
        StatusCode::OK
    );
    let files = fs::read_dir(portal.data().join("telemetry")).unwrap().map(|file| file.unwrap().path());
    let file = files.filter(|path| path.extension().is_some_and(|it| it == "telemetry")).max().unwrap();

    // Before the lock is taken, for which the store does not wait for ever.
    let much: Vec<_> = (0..16).map(|_| many_traces()).collect();
    let holder = Holder::of(&file);
    let (mut sending, mut refused) = (JoinSet::new(), 0);
    for (id, body) in much {
        let sender = sender.clone();
        sending.spawn(async move { (id, sender.post(otlp::TRACES, PROTOBUF, body).await) });
    }
    let (late, answer) = sending.join_next().await.unwrap().unwrap();
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    assert!(answer.text().contains("the telemetry store is behind; send again in 1 s"), "{}", answer.text());
    drop(holder);
    assert_eq!(reader.get(&format!("/api/v1/traces/{late}")).await.status, StatusCode::NOT_FOUND);
    while let Some(sent) = sending.join_next().await {
        let (id, answer) = sent.unwrap();
        if answer.status == StatusCode::OK {
            assert_eq!(reader.json(&format!("/api/v1/traces/{id}")).await["spans"], SPANS_OF_TRACE);
        } else {
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
            refused += 1;
        }
    }
    assert!(refused < 10, "most of it found room");
    let (_, spans) = otlp::trace(1);
    let again = sender.export(otlp::TRACES, &otlp::spans("reception", spans)).await.unwrap();
    assert_eq!(again.status, StatusCode::OK, "it has caught up");
}

#[tokio::test]
async fn a_store_that_cannot_write_says_so_and_goes_on_when_it_can() {
    let portal = portal().await;
    let (sender, reader) = (portal.sender(), portal.reader());
    let day = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
    let in_the_way = portal.data().join("telemetry").join(format!("{day}.telemetry"));
    fs::create_dir(&in_the_way).unwrap();
    let (id, spans) = otlp::trace(3);
    let request = otlp::spans("reception", spans);
    let answer = sender.export(otlp::TRACES, &request).await.unwrap();
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "5");
    let told = answer.text();
    assert!(told.contains("could not store this") && told.contains("in its log"), "{told}");
    assert!(!told.contains("telemetry/") && !told.contains("sqlite"), "nothing internal: {told}");
    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(reader.json("/api/v1/services").await["services"], json!([]));

    eventually("it can write again", async || {
        let answer = sender.export(otlp::TRACES, &request).await.unwrap();
        (answer.status == StatusCode::OK).then_some(())
    })
    .await;
    assert_eq!(reader.json(&format!("/api/v1/traces/{id}")).await["spans"], 3);
}
