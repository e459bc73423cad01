//! What was acknowledged is there, whatever happens to the process that wrote it, and to its disk.
//!
//! These tests run this very binary once more, as a process that writes until it is ended.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use seaworthy_telemetry::{AppendError, EmbeddedSettings, EmbeddedStore, Telemetry, model::TraceQuery};

use crate::support::{DAY, NOON, delta, open, query, span, trace_id};

const FOLDER: &str = "SEAWORTHY_TEST_WRITES_TO";
const FIRST: &str = "SEAWORTHY_TEST_WRITES_FROM";
const SPANS: u64 = 20;

/// Not a test by itself: writes one trace after the other, four at a time, and says which are acknowledged.
#[test]
#[ignore = "the other tests of this module run it"]
fn writes_until_it_is_ended() {
    let (Ok(folder), Ok(first)) = (std::env::var(FOLDER), std::env::var(FIRST)) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let settings =
        EmbeddedSettings { compact_after: Duration::from_millis(50), ..EmbeddedSettings::default() };
    let store = std::sync::Arc::new(EmbeddedStore::open(Path::new(&folder), settings).unwrap());
    let first: u64 = first.parse().unwrap();
    runtime.block_on(async {
        for round in 0.. {
            let writes = (0..4).map(|place| {
                let (store, trace) = (store.clone(), first + 4 * round + place);
                tokio::spawn(async move { (trace, store.append_spans(spans_of(trace)).await) })
            });
            for write in writes.collect::<Vec<_>>() {
                let (trace, written) = write.await.unwrap();
                match written {
                    Ok(()) => say(&format!("stored {trace}")),
                    Err(AppendError::Failed(reason)) => return say(&format!("failed {reason}")),
                    Err(other) => panic!("{other}"),
                }
            }
        }
    });
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{what}").unwrap();
    out.flush().unwrap();
}

/// Spans over two days, so that two files are written.
fn spans_of(trace: u64) -> Vec<seaworthy_telemetry::model::Span> {
    (1..=SPANS).map(|id| span("reception", trace, id, NOON + id - (id % 2) * DAY)).collect()
}

/// This binary as a writing process; `limit` KiB is the largest file that it may write.
fn writer(folder: &Path, first: u64, limit: Option<u32>) -> Child {
    let program = std::env::current_exe().unwrap();
    // An ignored signal stays ignored: a write beyond the limit then fails as on a full disk.
    let limits = limit.map(|kib| format!("trap '' XFSZ; ulimit -f {kib};")).unwrap_or_default();
    Command::new("bash")
        .args(["-c", &format!("{limits} exec \"$0\" \"$@\""), program.to_str().unwrap()])
        .args(["killed::writes_until_it_is_ended", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What the process says, line by line, until it ends or `enough` traces are stored. Says why it failed, if it did.
fn listen(child: &mut Child, stored: &mut Vec<u64>, enough: usize) -> Option<String> {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
    for line in lines {
        if let Some(trace) = line.strip_prefix("stored ") {
            stored.push(trace.parse().unwrap());
        }
        if let Some(reason) = line.strip_prefix("failed ") {
            return Some(reason.to_owned());
        }
        if stored.len() >= enough {
            return None;
        }
    }
    None
}

async fn assert_all_there(store: &EmbeddedStore, stored: &[u64]) {
    for trace in stored {
        let found = store.trace(trace_id(*trace)).await.unwrap();
        assert_eq!((found.spans.len() as u64, found.unreadable), (SPANS, 0), "trace {trace}");
    }
    let all = TraceQuery { operation: Some("GET /menu".into()), limit: 1_000_000, ..query() };
    let found = store.search(all).await.unwrap();
    assert!(found.traces.len() >= stored.len() && !found.unreadable && !found.incomplete);
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9_while_writing_and_joining() {
    let folder = tempfile::tempdir().unwrap();
    let mut stored = Vec::new();
    for round in 1..=4 {
        let mut child = writer(folder.path(), round * 1_000_000, None);
        let enough = stored.len() + 60 * round as usize;
        listen(&mut child, &mut stored, enough);
        child.kill().unwrap();
        // What it had said before it was killed counts as well.
        listen(&mut child, &mut stored, usize::MAX);
        child.wait().unwrap();
        assert!(stored.len() >= enough, "the writer ended by itself");
        let store = open(&folder);
        assert_all_there(&store, &stored).await;
        store.close().await;
    }
}

#[tokio::test]
async fn a_full_disk_is_told_loses_nothing_that_was_acknowledged_and_heals() {
    let folder = tempfile::tempdir().unwrap();
    let mut stored = Vec::new();
    let mut child = writer(folder.path(), 1, Some(600));
    let reason = listen(&mut child, &mut stored, usize::MAX).expect("it writes until the disk is full");
    child.wait().unwrap();
    assert!(reason.contains("disk"), "{reason}");
    assert!(stored.len() > 10, "{} traces fit", stored.len());

    let store = open(&folder);
    assert_all_there(&store, &stored).await;
    store.append_spans(spans_of(9_999_999)).await.unwrap();
    store.append_points(vec![delta(NOON, 1.0)]).await.unwrap();
    stored.push(9_999_999);
    assert_all_there(&store, &stored).await;
}
