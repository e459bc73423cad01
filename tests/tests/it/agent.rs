//! Real agents and a real portal that comes and goes.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use seaworthy_agent::{Agent, Handle};
use seaworthy_protocol::{LossReason, Signal};
use seaworthy_tests::{Client, Kiosk, Portal, eventually};
use serde_json::Value;
use tokio::task::spawn_blocking;
use tracing::{Span, info_span};
use tracing_subscriber::prelude::*;

use crate::{kiosk, portal};

/// More than may wait goes by while the portal is away.
const MAX_WAITING: usize = 500;

fn agent(portal: &Portal) -> Agent {
    let agent = Agent::builder("reception")
        .without_subscriber()
        .portal(portal.url())
        .token(&portal.ingest_token)
        .admin_address(None)
        .span_interval(Duration::from_millis(20))
        .max_waiting_spans(MAX_WAITING);
    agent.start().unwrap()
}

fn record(parent: &Span, spans: u64) {
    for _ in 0..spans {
        parent.in_scope(|| info_span!("brew").in_scope(|| {}));
    }
}

async fn flush(agent: &Handle) -> bool {
    let agent = agent.clone();
    spawn_blocking(move || agent.flush(Duration::from_secs(20))).await.unwrap()
}

/// Spans that the agent has told the portal it had to drop.
async fn losses_told(reader: &Client) -> u64 {
    let service = reader.json("/api/v1/services/reception").await;
    let losses = service["instances"][0]["losses"].as_array().cloned().unwrap_or_default();
    losses.iter().filter(|loss| loss["signal"] == "spans").map(|loss| loss["count"].as_u64().unwrap()).sum()
}

/// Spans of the one trace that there is.
async fn spans_stored(reader: &Client) -> u64 {
    let found = reader.json("/api/v1/traces?service=reception").await;
    let [trace] = &found["traces"].as_array().unwrap()[..] else { panic!("{found}") };
    let trace = reader.json(&format!("/api/v1/traces/{}", trace["trace_id"].as_str().unwrap())).await;
    trace["spans"].as_u64().unwrap()
}

#[tokio::test]
async fn an_agent_comes_back_by_itself_and_says_what_it_dropped() {
    let mut portal = portal().await;
    let agent = agent(&portal);
    let _recorded =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(agent.tracing_layer()));
    let order = info_span!("order");
    record(&order, 100);
    assert!(flush(&agent).await, "the portal is there");

    portal.kill();
    record(&order, 3000);
    eventually("the agent drops what it may not keep", async || {
        let lost = agent.losses().iter().any(|loss| loss.signal == Signal::Spans);
        lost.then_some(())
    })
    .await;

    portal.start_again();
    record(&order, 100);
    drop(order);
    assert!(flush(&agent).await, "the portal is there again");
    let reader = portal.reader();
    let lost: u64 = agent.losses().iter().map(|loss| loss.count).sum();
    let reasons: Vec<_> = agent.losses().iter().map(|loss| (loss.signal, loss.reason)).collect();
    let known = [LossReason::QueueFull, LossReason::Unreachable].map(|reason| (Signal::Spans, reason));
    assert!(reasons.iter().all(|reason| known.contains(reason)), "{reasons:?}");
    assert_eq!(spans_stored(&reader).await + lost, 3201, "every span is stored or counted as lost");
    eventually("the check-in says what was lost", async || {
        (losses_told(&reader).await == lost).then_some(())
    })
    .await;
}

/// Median seconds of a request, of more than the spans of fit into the queue of a kiosk's agent.
async fn latency(client: &Client) -> f64 {
    let mut seconds = Vec::new();
    for _ in 0..500 {
        let begun = Instant::now();
        let answer = client.get("/orders/espresso").await;
        seconds.push(begun.elapsed().as_secs_f64());
        assert_eq!(answer.status, StatusCode::OK);
    }
    median(seconds)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What remains of a difference when the two are measured by turns: the machine has other things to do.
struct Pairs(Vec<(f64, f64)>);

impl Pairs {
    /// A service that waited for its portal would take seconds; twice as long is noise.
    fn assert_alike(&self, what: &str) {
        let ratio = median(self.0.iter().map(|(with, without)| without / with).collect());
        assert!(ratio < 2.0, "{what}: {ratio} times as long: {:?}", self.0);
    }
}

#[tokio::test]
async fn a_service_does_not_feel_how_its_portal_is() {
    let mut portal = portal().await;
    let service = kiosk("reception", &portal, None);
    let client = Client::new(&service.url, None);
    latency(&client).await;

    let mut hanging = Pairs(Vec::new());
    for _ in 0..7 {
        let with = latency(&client).await;
        portal.suspend();
        let without = latency(&client).await;
        portal.resume();
        hanging.0.push((with, without));
    }
    hanging.assert_alike("while the portal hangs");

    let mut down = Pairs(Vec::new());
    for _ in 0..5 {
        let with = latency(&client).await;
        portal.kill();
        let without = latency(&client).await;
        portal.start_again();
        down.0.push((with, without));
    }
    down.assert_alike("while the portal is down");
    tells_what_it_did(&portal, service).await;
}

/// Otherwise there would have been nothing to wait for.
async fn tells_what_it_did(portal: &Portal, service: Kiosk) {
    service.stop();
    let found = portal.reader().json("/api/v1/traces?service=reception").await;
    assert_eq!(found["more"], Value::Bool(true), "many traces arrived");
}
