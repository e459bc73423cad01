//! Sends what the agents hand over, from several connections, and counts what is acknowledged.

use std::{
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use flate2::write::GzEncoder;
use hyper::{StatusCode, header};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use serde::Serialize;
use tokio::{
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
    task::{JoinSet, spawn_blocking},
};

use super::{
    agents::{self, Batch, Sample},
    client::Client,
    latency::Latency,
    options::{Compression, Options},
    portal::Door,
};

/// What came of sending.
#[derive(Debug, Default, Serialize)]
pub(super) struct Sent {
    /// Spans that the portal said it has stored.
    pub(super) acknowledged: u64,
    /// Spans that it refused for good.
    pub(super) rejected: u64,
    /// Times that it said to come again.
    pub(super) come_again: u64,
    /// From the first request to the last answer.
    pub(super) seconds: f64,
    /// Acknowledged spans a second.
    pub(super) spans_per_second: f64,
    /// Bytes of all bodies before compression.
    pub(super) bytes: u64,
    /// Bytes of all bodies as sent.
    pub(super) wire_bytes: u64,
    /// From a request to its answer.
    pub(super) latency: Latency,
}

/// What one connection did.
#[derive(Default)]
struct Tally {
    sent: Sent,
    latencies: Vec<Duration>,
}

/// Sends everything, or as much as the time allows.
pub(super) async fn send(options: &Options, door: &Door, now: u64) -> anyhow::Result<(Sent, Vec<Sample>)> {
    let (hand_over, batches) = channel(2 * usize::from(options.connections));
    let batches = Arc::new(Mutex::new(batches));
    let generating = {
        let options = options.clone();
        spawn_blocking(move || agents::run(&options, now, &hand_over))
    };
    let begun = Instant::now();
    let end = begun + Duration::from_secs(60 * u64::from(options.minutes));
    let mut connections = JoinSet::new();
    for _ in 0..options.connections {
        let client = Client::connect(door).await?;
        let gzip = options.compression == Compression::Gzip;
        connections.spawn(connection(client, batches.clone(), gzip, end));
    }
    drop(batches);
    let mut all = Tally::default();
    while let Some(tally) = connections.join_next().await {
        all.add(tally??);
    }
    let mut sent = all.sent;
    sent.seconds = begun.elapsed().as_secs_f64();
    sent.spans_per_second = sent.acknowledged as f64 / sent.seconds;
    sent.latency = Latency::of(all.latencies);
    Ok((sent, generating.await.context("making traces failed")?))
}

async fn connection(
    mut client: Client,
    batches: Arc<Mutex<Receiver<Batch>>>,
    gzip: bool,
    end: Instant,
) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    while Instant::now() < end {
        let Some(batch) = batches.lock().await.recv().await else { break };
        let spans = batch.spans.len() as u64;
        let plain = batch.encode();
        tally.sent.bytes += plain.len() as u64;
        let body = if gzip { compressed(&plain)? } else { plain.into() };
        tally.sent.wire_bytes += body.len() as u64;
        let begun = Instant::now();
        let rejected = deliver(&mut client, gzip, body, &mut tally.sent.come_again).await?;
        tally.latencies.push(begun.elapsed());
        tally.sent.rejected += rejected;
        tally.sent.acknowledged += spans - rejected;
    }
    Ok(tally)
}

fn compressed(plain: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), flate2::Compression::default());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?.into())
}

/// Sends until the portal takes it; says how many spans it refused.
async fn deliver(client: &mut Client, gzip: bool, body: Bytes, come_again: &mut u64) -> anyhow::Result<u64> {
    for _ in 0..100 {
        let answer = client.post("/v1/traces", gzip, body.clone()).await?;
        match answer.status {
            StatusCode::OK => {
                let response = ExportTraceServiceResponse::decode(answer.body)?;
                let rejected = response.partial_success.map_or(0, |partial| partial.rejected_spans);
                return Ok(rejected.try_into()?);
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                *come_again += 1;
                let seconds = answer
                    .headers
                    .get(header::RETRY_AFTER)
                    .and_then(|value| value.to_str().ok()?.parse().ok());
                ensure!(seconds.is_some(), "{} without Retry-After", answer.status);
                tokio::time::sleep(Duration::from_secs(seconds.unwrap_or(1))).await;
            }
            status => bail!("the portal answered {status}: {}", String::from_utf8_lossy(&answer.body)),
        }
    }
    bail!("the portal is behind and does not catch up")
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.sent.acknowledged += other.sent.acknowledged;
        self.sent.rejected += other.sent.rejected;
        self.sent.come_again += other.sent.come_again;
        self.sent.bytes += other.sent.bytes;
        self.sent.wire_bytes += other.sent.wire_bytes;
        self.latencies.extend(other.latencies);
    }
}
