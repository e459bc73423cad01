//! The store beside plain SQLite with one row a span (`rows`): the same spans into both, in turns and in one process, so
//! that whatever else the machine does hits both alike. What can be compared between machines is the ratio.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use seaworthy_telemetry::{
    EmbeddedSettings, EmbeddedStore, Telemetry,
    model::{Scope, Span, TraceId, TraceQuery, Window},
};
use serde::Serialize;
use tokio::{sync::mpsc::channel, task::spawn_blocking};

use super::{agents, decoded::decoded, joined, options::Options, rows::Rows};

/// Spans of one transaction.
const SLICE: usize = 8_192;
/// Searches that rows can only answer by reading all of them take seconds each.
const SCANS: usize = 5;
const LIMIT: usize = 50;

/// What came of it; the store first, rows second.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    /// Spans that either holds.
    pub(super) spans: u64,
    pub(super) spans_per_second: [f64; 2],
    pub(super) bytes_per_span: [f64; 2],
    /// Median milliseconds to answer, by question.
    pub(super) answers: Vec<(&'static str, [f64; 2])>,
}

/// Fills both, in `folder`, and asks both.
pub(super) async fn compare(
    options: &Options,
    folder: &Path,
    now: u64,
    window: Window,
) -> anyhow::Result<Comparison> {
    let settings = EmbeddedSettings { compact_after: Duration::ZERO, ..EmbeddedSettings::default() };
    let store = EmbeddedStore::open(&folder.join("store"), settings)?;
    let mut rows = Rows::create(&folder.join("rows.db"))?;
    let (spans, seconds, samples) = fill(options, now, &store, &mut rows).await?;
    joined(&store).await?;
    // With the log in the file, as `rows` has it.
    store.close().await;
    let bytes = [size(&folder.join("store"))?, rows.settle()?];
    let store = EmbeddedStore::open(&folder.join("store"), settings)?;
    let mut answers = Asking { store, rows, window };
    let comparison = Comparison {
        spans,
        spans_per_second: seconds.map(|seconds| spans as f64 / seconds),
        bytes_per_span: bytes.map(|bytes| bytes as f64 / spans as f64),
        answers: answers.ask(options, &samples).await?,
    };
    answers.store.close().await;
    Ok(comparison)
}

async fn fill(
    options: &Options,
    now: u64,
    store: &EmbeddedStore,
    rows: &mut Rows,
) -> anyhow::Result<(u64, [f64; 2], Vec<agents::Sample>)> {
    let (hand_over, mut batches) = channel(64);
    let generating = {
        let options = options.clone();
        spawn_blocking(move || agents::run(&options, now, &hand_over))
    };
    let scope = Arc::new(Scope { name: "shop".into(), version: "2.4.0".into(), ..Scope::default() });
    let (mut count, mut seconds, mut slice) = (0, [0.0; 2], Vec::new());
    loop {
        let batch = batches.recv().await;
        let is_last = batch.is_none();
        if let Some(batch) = batch {
            slice.extend(decoded(batch, &scope)?);
        }
        if slice.len() >= SLICE || is_last {
            count += slice.len() as u64;
            let took = append(std::mem::take(&mut slice), store, rows).await?;
            seconds = [seconds[0] + took[0], seconds[1] + took[1]];
        }
        if is_last {
            return Ok((count, seconds, generating.await.context("making traces failed")?));
        }
    }
}

/// Stores the same in both; says how many seconds each took.
async fn append(spans: Vec<Span>, store: &EmbeddedStore, rows: &mut Rows) -> anyhow::Result<[f64; 2]> {
    let begun = Instant::now();
    rows.append(&spans)?;
    let of_rows = begun.elapsed();
    let begun = Instant::now();
    store.append_spans(spans).await?;
    Ok([begun.elapsed().as_secs_f64(), of_rows.as_secs_f64()])
}

fn size(folder: &Path) -> anyhow::Result<u64> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

struct Asking {
    store: EmbeddedStore,
    rows: Rows,
    window: Window,
}

impl Asking {
    async fn ask(
        &mut self,
        options: &Options,
        samples: &[agents::Sample],
    ) -> anyhow::Result<Vec<(&'static str, [f64; 2])>> {
        // Not in order of time: each question goes to another place.
        let shuffled = || (0..samples.len()).filter_map(|number| samples.get(number * 7_919 % samples.len()));
        let mut traces = [Vec::new(), Vec::new()];
        for sample in shuffled().take(options.queries as usize) {
            let (found, took) = timed(self.store.trace(TraceId(sample.id))).await;
            traces[0].push(took);
            let begun = Instant::now();
            let of_rows = self.rows.trace(sample.id)?;
            traces[1].push(begun.elapsed());
            ensure!(found?.spans.len() == sample.spans && of_rows == sample.spans, "{sample:?} is not whole");
        }
        let mut failed = [Vec::new(), Vec::new()];
        for service in ["barista", "reception", "storefront", "payments", "menu"] {
            let query = TraceQuery { service: Some(service.into()), errors_only: true, ..self.query() };
            let begun = Instant::now();
            let of_rows = self.rows.failed(service, LIMIT)?;
            failed[1].push(begun.elapsed());
            failed[0].push(self.same(query, &of_rows).await?);
        }
        let mut orders = [Vec::new(), Vec::new()];
        for order in shuffled().filter_map(|sample| sample.order.as_ref()).take(SCANS) {
            let query = TraceQuery { attributes: vec![("order.id".into(), order.clone())], ..self.query() };
            let begun = Instant::now();
            let of_rows = self.rows.with("order.id", order, LIMIT)?;
            orders[1].push(begun.elapsed());
            orders[0].push(self.same(query, &of_rows).await?);
        }
        Ok(vec![
            ("trace by id", traces.map(median)),
            ("by service and error", failed.map(median)),
            ("by attribute that one trace has", orders.map(median)),
        ])
    }

    fn query(&self) -> TraceQuery {
        TraceQuery {
            window: self.window,
            service: None,
            operation: None,
            min_duration: None,
            max_duration: None,
            errors_only: false,
            attributes: Vec::new(),
            limit: LIMIT,
        }
    }

    /// How long the store took to find as many as rows have found.
    async fn same(&self, query: TraceQuery, of_rows: &[[u8; 16]]) -> anyhow::Result<Duration> {
        let (found, took) = timed(self.store.search(query.clone())).await;
        let found = found?.traces.len();
        ensure!(found == of_rows.len(), "{query:?} finds {found} traces, and rows {}", of_rows.len());
        Ok(took)
    }
}

async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begun = Instant::now();
    let done = work.await;
    (done, begun.elapsed())
}

fn median(mut measured: Vec<Duration>) -> f64 {
    measured.sort_unstable();
    measured.get(measured.len() / 2).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
}
