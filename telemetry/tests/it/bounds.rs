//! Questions end in time, and answers have a size.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use seaworthy_telemetry::{
    AppendError, EmbeddedSettings, EmbeddedStore, Telemetry,
    model::{TraceQuery, Value},
};

use crate::support::{DAY, NOON, SECOND, open, query, span, trace_id};

async fn filled(settings: EmbeddedSettings, days: u64) -> (EmbeddedStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path(), settings).unwrap();
    for day in 0..days {
        let spans = (0..4_000).map(|id| span("reception", day * 4_000 + id, id + 1, NOON - day * DAY + id));
        store.append_spans(spans.collect()).await.unwrap();
    }
    (store, folder)
}

#[tokio::test]
async fn a_search_that_runs_out_of_time_says_so_and_ends() {
    let settings = EmbeddedSettings { search_time: Duration::ZERO, ..EmbeddedSettings::default() };
    let (store, _folder) = filled(settings, 6).await;
    let nowhere = [
        TraceQuery { attributes: vec![("http.response.status_code".into(), "200".into())], ..query() },
        TraceQuery { max_duration: Some(1), ..query() },
        TraceQuery { limit: 100_000, ..query() },
    ];
    for query in nowhere {
        let begun = Instant::now();
        let found = store.search(query.clone()).await.unwrap();
        assert!(found.incomplete, "{query:?}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?} for {query:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn of_an_endless_trace_a_part_is_read_and_the_rest_is_counted() {
    let settings = EmbeddedSettings { trace_spans: 1_000, ..EmbeddedSettings::default() };
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path(), settings).unwrap();
    for request in 0..5 {
        let spans =
            (0..1_000).map(|id| span("reception", 1, request * 1_000 + id + 1, NOON + request * SECOND + id));
        store.append_spans(spans.collect()).await.unwrap();
    }
    let found = store.trace(trace_id(1)).await.unwrap();
    assert!((1_000..1_600).contains(&found.spans.len()), "{}", found.spans.len());
    assert_eq!(found.spans.len() + found.left_out, 5_000);
    assert_eq!(found.spans[0].start, NOON, "the earliest are read");
}

#[tokio::test]
async fn the_queue_is_bounded_by_bytes_too() {
    let folder = tempfile::tempdir().unwrap();
    let settings = EmbeddedSettings { queue_bytes: 8 << 20, ..EmbeddedSettings::default() };
    let store = Arc::new(EmbeddedStore::open(folder.path(), settings).unwrap());
    let requests: Vec<_> = (0..8)
        .map(|trace| {
            let store = store.clone();
            let mut large = span("reception", trace, 1, NOON);
            large.attributes = vec![("note".into(), Value::String("x".repeat(6 << 20)))];
            tokio::spawn(async move { store.append_spans(vec![large]).await })
        })
        .collect();
    let (mut stored, mut behind) = (0, 0);
    for request in requests {
        match request.await.unwrap() {
            Ok(()) => stored += 1,
            Err(AppendError::Behind { .. }) => behind += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(behind > 0 && stored > 0, "{stored} stored, {behind} told to come again");
    assert_eq!(store.figures().await.unwrap().spans, stored);
}

#[tokio::test]
async fn large_spans_are_cut_into_chunks_that_are_not_joined_over_and_over() {
    let folder = tempfile::tempdir().unwrap();
    let settings = EmbeddedSettings { compact_after: Duration::ZERO, ..EmbeddedSettings::default() };
    let store = EmbeddedStore::open(folder.path(), settings).unwrap();
    for trace in 0..12 {
        let spans = (0..60).map(|id| {
            let mut large = span("reception", trace, id + 1, NOON + id);
            large.attributes = vec![("note".into(), Value::String(format!("{trace}-{id}-").repeat(10_000)))];
            large
        });
        store.append_spans(spans.collect()).await.unwrap();
    }
    let database = rusqlite::Connection::open(folder.path().join("2026-11-20.telemetry")).unwrap();
    let latest = || database.query_row("SELECT max(id) FROM chunk", [], |row| row.get::<_, i64>(0)).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut before = 0;
    // The writer looks for small chunks every five seconds, and goes on at once while there are some.
    while latest() != before {
        assert!(Instant::now() < deadline, "chunks are still being joined");
        before = latest();
        tokio::time::sleep(Duration::from_secs(6)).await;
    }
    assert_eq!(store.figures().await.unwrap().to_join, 0);
    for trace in 0..12 {
        assert_eq!(store.trace(trace_id(trace)).await.unwrap().spans.len(), 60);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_deleted_under_whoever_reads_them() {
    let (store, folder) = filled(EmbeddedSettings::default(), 8).await;
    let store = Arc::new(store);
    let ended = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (store, ended) = (store.clone(), ended.clone());
            tokio::spawn(async move {
                while !ended.load(Ordering::Acquire) {
                    let by_name = TraceQuery { operation: Some("GET /menu".into()), limit: 500, ..query() };
                    let found = store.search(by_name).await.unwrap();
                    assert!(!found.unreadable);
                    store.trace(trace_id(20_001)).await.unwrap();
                }
            })
        })
        .collect();
    let now = |days: u64| jiff::Timestamp::from_nanosecond(i128::from(NOON + days * DAY)).unwrap();
    for days in 0..8 {
        store.retain(now(days), 7).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ended.store(true, Ordering::Release);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(store.figures().await.unwrap().damaged, 0);
    assert_eq!(
        held_though_deleted(folder.path()),
        Vec::<String>::new(),
        "the disk does not get its space back"
    );
    store.close().await;
    drop(store);
    assert_eq!(
        open(&folder).search(TraceQuery { limit: 10_000, ..query() }).await.unwrap().traces.len(),
        4_000
    );
}

/// Files of this folder that this process holds open though they are deleted.
fn held_though_deleted(folder: &std::path::Path) -> Vec<String> {
    let links = std::fs::read_dir("/proc/self/fd").unwrap();
    let targets =
        links.filter_map(|link| Some(std::fs::read_link(link.ok()?.path()).ok()?.display().to_string()));
    targets.filter(|to| to.starts_with(&folder.display().to_string()) && to.ends_with("(deleted)")).collect()
}
