//! How much room log lines take, and how long it takes to find some; beside the same lines as JSON in a file, compressed by gzip and
//! looked through by zgrep.
//!
//! `cargo bench -p seaworthy-portal --bench logs` keeps 1,000,000 lines of ten services over a day in a store of its own in a temporary folder, and
//! prints a table. There are no aims; what a search may take is 5 s, and what it has not looked through by then it says.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

#[path = "../portal/mod.rs"]
mod portal;

use std::{
    fs::File,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use seaworthy_telemetry::{
    log::LogRecord,
    model::{Resource, Scope, TraceId, Value},
};

use self::portal::{Portal, report};

const LINES: u64 = 1_000_000;
const OF_REQUEST: u64 = 512;
const SERVICES: u64 = 10;
/// Lines of one trace follow each other.
const OF_TRACE: u64 = 8;
const VISITS: usize = 20;
const LOOKS: usize = 3;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let portal = Portal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.json.gz");
    let told = keep(&portal, &file).await;
    let on_disk = size(&portal.data().join("telemetry"));
    let figure = |what: &str, figure: f64, unit: &str| println!("{what:<58} {figure:>13.1} {unit}");
    figure("lines a second into the store, durable", LINES as f64 / told.took.as_secs_f64(), "lines/s");
    figure("bytes on disk a line", on_disk as f64 / LINES as f64, "B");
    figure("bytes a line as JSON", told.json as f64 / LINES as f64, "B");
    figure("bytes a line as JSON by gzip", size(&file) as f64 / LINES as f64, "B");
    search(&portal, &file).await;
    portal.server.stop().await;
}

struct Told {
    took: Duration,
    /// Bytes.
    json: u64,
}

/// Keeps the lines in the store, and writes them into the file.
async fn keep(portal: &Portal, file: &Path) -> Told {
    let mut gzip =
        Command::new("gzip").stdin(Stdio::piped()).stdout(File::create(file).unwrap()).spawn().unwrap();
    let mut to = gzip.stdin.take().unwrap();
    let resources: Vec<_> = (0..SERVICES).map(resource).collect();
    let scope = Arc::new(Scope { name: "shop::orders".into(), ..Scope::default() });
    let end = u64::try_from(portal.now().as_second()).unwrap() * 1_000_000_000;
    let (mut took, mut json) = (Duration::ZERO, 0);
    for first in (0..LINES).step_by(OF_REQUEST as usize) {
        let lines = first..LINES.min(first + OF_REQUEST);
        let records: Vec<_> = lines.map(|number| record(number, end, &resources, &scope)).collect();
        let text: String = records.iter().map(as_json).collect();
        json += text.len() as u64;
        to.write_all(text.as_bytes()).unwrap();
        let begun = Instant::now();
        portal.server.app().telemetry().append_logs(records).await.unwrap();
        took += begun.elapsed();
    }
    drop(to);
    assert!(gzip.wait().unwrap().success());
    Told { took, json }
}

fn resource(service: u64) -> Arc<Resource> {
    Arc::new(Resource {
        service: format!("service-{service}"),
        instance: format!("{service:016x}"),
        ..Resource::default()
    })
}

/// Line `number`: every order has one, of every hundredth there is a warning, of every thousandth an error.
fn record(number: u64, end: u64, resources: &[Arc<Resource>], scope: &Arc<Scope>) -> LogRecord {
    const DAY: u64 = 86_400_000_000_000;
    // As random as ids are.
    let mixed = u128::from(number / OF_TRACE + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let (severity, severity_text, body) = match number {
        _ if number.is_multiple_of(1_000) => {
            (17, "ERROR", format!("order {number} was not brewed: no beans left"))
        }
        _ if number.is_multiple_of(100) => (13, "WARN", format!("order {number} waits for the barista")),
        _ => (9, "INFO", format!("order {number} is paid")),
    };
    let drinks = ["espresso", "flat white", "cortado", "filter"];
    LogRecord {
        at: end - DAY + number * (DAY / LINES),
        observed_at: 0,
        severity,
        severity_text: severity_text.into(),
        event_name: String::new(),
        body: Value::String(body),
        attributes: vec![
            ("order.id".into(), Value::Int(number.try_into().unwrap())),
            ("drink".into(), Value::String(drinks[(number % 4) as usize].into())),
            ("table".into(), Value::Int((mixed >> 7) as i64 & 31)),
            ("seaworthy.request.id".into(), Value::String(format!("{:032x}", mixed.rotate_left(64)))),
        ],
        dropped_attributes: 0,
        flags: 1,
        trace_id: Some(TraceId(mixed.to_be_bytes())),
        span_id: None,
        resource: resources[(number / OF_TRACE % SERVICES) as usize].clone(),
        scope: scope.clone(),
    }
}

fn as_json(record: &LogRecord) -> String {
    let body = record.body.as_text().unwrap();
    let fields: Vec<_> = record
        .attributes
        .iter()
        .map(|(key, value)| format!("\"{key}\":\"{}\"", value.as_text().unwrap()))
        .collect();
    let (at, level, service) = (record.at, &record.severity_text, &record.resource.service);
    let (target, trace) = (&record.scope.name, record.trace_id.unwrap());
    format!(
        "{{\"timestamp\":{at},\"level\":\"{level}\",\"service\":\"{service}\",\"target\":\"{target}\",\"message\":\"{body}\",\
         \"fields\":{{{}}},\"trace_id\":\"{trace}\"}}\n",
        fields.join(",")
    )
}

async fn search(portal: &Portal, file: &Path) {
    let cookie = portal.session().await;
    let trace = record(500_000, 1 << 60, &[resource(0)], &Arc::default()).trace_id.unwrap();
    for (what, asked, found, pattern) in [
        ("the latest lines", String::new(), "order 999999 is paid", None),
        ("errors of one service", "&service=service-0&level=error".into(), "was not brewed", None),
        ("a word that every hundredth line has", "&text=barista".into(), "order 999900 waits", None),
        (
            "a number that one line has",
            "&text=500001".into(),
            "order 500001 is paid",
            Some("order 500001 ".to_owned()),
        ),
        (
            "a field that one line has",
            "&fields=order.id%3D123457".into(),
            "order 123457 is paid",
            Some("\"order.id\":\"123457\"".into()),
        ),
        ("the lines of a trace", format!("&trace={trace}"), "order 500000 was not", Some(trace.to_string())),
        ("a word that no line has", "&text=teapot".into(), "\"lines\":[]", Some("teapot".into())),
    ] {
        let path = format!("/api/v1/logs?range=24h{asked}");
        report(&format!("{what}, over HTTP"), portal.visit(&path, &cookie, VISITS, &[found]).await, None);
        if let Some(pattern) = pattern {
            report(&format!("{what}, by zgrep"), (0..LOOKS).map(|_| zgrep(&pattern, file)).collect(), None);
        }
    }
}

fn zgrep(pattern: &str, file: &Path) -> Duration {
    let begun = Instant::now();
    let _found = Command::new("zgrep").args(["-cF", pattern]).arg(file).output().unwrap();
    begun.elapsed()
}

/// Bytes of a file, or of all below a folder.
fn size(path: &Path) -> u64 {
    match path.is_dir() {
        false => path.metadata().unwrap().len(),
        true => path.read_dir().unwrap().map(|entry| size(&entry.unwrap().path())).sum(),
    }
}
