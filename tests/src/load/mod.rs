//! The load tool: how many spans a second a portal acknowledges, how much disk they take, and how fast they are found.
//!
//! Everything runs on this machine: the tool starts itself once more as the portal, sends made-up traces of a coffee
//! chain (`topology`, `generator`) as OTLP over HTTP (`agents`, `sending`), and asks for them (`questions`, `asking`).
//! If asked to, it sets the store beside plain SQLite with one row a span (`comparison`, `rows`).

mod agents;
mod asking;
mod attributes;
mod client;
mod comparison;
mod decoded;
mod dice;
mod generator;
mod latency;
mod options;
mod portal;
mod questions;
mod report;
mod rows;
mod sending;
mod topology;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use seaworthy_telemetry::{EmbeddedSettings, EmbeddedStore, StoreFigures, Telemetry, model::Window};

use agents::Sample;
use asking::{Answered, Source, ask};
use client::Client;
use comparison::compare;
use portal::{Portal, Usage, usage_of};
use report::{Disk, Report};
use sending::Sent;

pub use options::Options;

/// Longest time to wait for small chunks to be joined.
const JOINING: Duration = Duration::from_secs(300);
const NANOS_PER_MINUTE: u64 = 60_000_000_000;

/// Runs the tool as asked, and prints its report.
pub async fn run(options: Options) -> anyhow::Result<()> {
    if let Some(options::Role::Portal { folder }) = &options.role {
        return portal::serve(folder).await;
    }
    let temporary = tempfile::tempdir()?;
    let folder = options.data.clone().unwrap_or_else(|| temporary.path().join("data"));
    ensure!(
        !folder.join("telemetry").exists(),
        "{} holds telemetry already; give another --data",
        folder.display()
    );
    let report = measure(&options, &folder).await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(())
}

async fn measure(options: &Options, folder: &Path) -> anyhow::Result<Report> {
    let now = u64::try_from(jiff::Timestamp::now().as_nanosecond())?;
    let window = Window {
        from: now - u64::from(options.hours) * 60 * NANOS_PER_MINUTE,
        to: now - now % NANOS_PER_MINUTE + NANOS_PER_MINUTE,
    };
    let (sent, samples, portal, sender) = fill(options, folder, now).await?;
    let whole = sent.acknowledged >= options.spans;
    let (disk, in_process) = examine(options, folder, &samples, window, whole).await?;
    ensure!(
        disk.spans == sent.acknowledged,
        "{} spans were acknowledged, and {} are stored",
        sent.acknowledged,
        disk.spans
    );
    let (over_http, portal_answering) = answers(options, folder, &samples, window, whole).await?;
    let comparison = match options.compare {
        true => Some(compare(options, tempfile::tempdir()?.path(), now, window).await?),
        false => None,
    };
    Ok(Report {
        cores: std::thread::available_parallelism()?.get(),
        connections: options.connections,
        batch: options.batch,
        compression: format!("{:?}", options.compression).to_lowercase(),
        sent,
        portal,
        sender,
        disk,
        in_process,
        over_http,
        portal_answering,
        comparison,
    })
}

/// Sends everything to a new portal.
async fn fill(
    options: &Options,
    folder: &Path,
    now: u64,
) -> anyhow::Result<(Sent, Vec<Sample>, Usage, Usage)> {
    let portal = Portal::start(folder).await?;
    let (portal_before, before) = (portal.usage()?, usage_of(std::process::id())?);
    let (sent, samples) = sending::send(options, &portal.door, now).await?;
    let (portal_after, after) = (portal.usage()?, usage_of(std::process::id())?);
    portal.stop().await?;
    Ok((sent, samples, portal_after.since(portal_before), after.since(before)))
}

/// Measures the store itself, with no portal around it.
async fn examine(
    options: &Options,
    folder: &Path,
    samples: &[Sample],
    window: Window,
    whole: bool,
) -> anyhow::Result<(Disk, Vec<Answered>)> {
    let settings = EmbeddedSettings { compact_after: Duration::ZERO, ..EmbeddedSettings::default() };
    let store = EmbeddedStore::open(&folder.join("telemetry"), settings)?;
    let first = store.figures().await?;
    let begun = Instant::now();
    let last = joined(&store).await?;
    let per_span = |figures: StoreFigures| figures.bytes as f64 / figures.spans.max(1) as f64;
    let disk = Disk {
        spans: first.spans,
        bytes_per_span: per_span(first),
        joined_bytes_per_span: per_span(last),
        joining_seconds: begun.elapsed().as_secs_f64(),
    };
    let answered = ask(&mut Source::Store(&store), options, samples, window, whole).await?;
    store.close().await;
    Ok((disk, answered))
}

/// Waits until no small chunks are left that could be joined.
async fn joined(store: &EmbeddedStore) -> anyhow::Result<StoreFigures> {
    let begun = Instant::now();
    loop {
        let figures = store.figures().await?;
        if figures.to_join == 0 {
            return Ok(figures);
        }
        ensure!(begun.elapsed() < JOINING, "{} small chunks are not joined yet", figures.to_join);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Asks a portal that has been started anew.
async fn answers(
    options: &Options,
    folder: &Path,
    samples: &[Sample],
    window: Window,
    whole: bool,
) -> anyhow::Result<(Vec<Answered>, Usage)> {
    let portal = Portal::start(folder).await?;
    let client = Client::connect(&portal.door).await.context("after the restart")?;
    let answered = ask(&mut Source::Portal(Box::new(client)), options, samples, window, whole).await?;
    let usage = portal.usage()?;
    portal.stop().await?;
    Ok((answered, usage))
}
