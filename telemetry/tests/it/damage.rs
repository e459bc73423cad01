//! What is damaged on disk is passed over, counted and said; the rest goes on.

use std::{path::Path, time::Duration};

use seaworthy_telemetry::{EmbeddedSettings, EmbeddedStore, Telemetry, model::TraceQuery};

use crate::support::{ALWAYS, DAY, NOON, delta, open, query, span, store, trace_id};

const FILE: &str = "2026-11-20.telemetry";

/// Overwrites the middle of a chunk.
fn damage_chunk(folder: &Path, chunk: i64) {
    let database = rusqlite::Connection::open(folder.join(FILE)).unwrap();
    let mut body: Vec<u8> =
        database.query_row("SELECT body FROM chunk WHERE id=?1", [chunk], |row| row.get(0)).unwrap();
    let middle = body.len() / 2;
    body[..middle].fill(0xAA);
    let changed =
        database.execute("UPDATE chunk SET body=?2 WHERE id=?1", rusqlite::params![chunk, body]).unwrap();
    assert_eq!(changed, 1);
}

#[tokio::test]
async fn a_damaged_chunk_costs_its_own_spans_and_this_is_said() {
    let (store, folder) = store();
    for trace in [1, 2] {
        store
            .append_spans((1..=10).map(|id| span("reception", trace, id, NOON + id)).collect())
            .await
            .unwrap();
    }
    store.append_spans(vec![span("barista", 1, 11, NOON + 11)]).await.unwrap();
    damage_chunk(folder.path(), 1);

    let found = store.trace(trace_id(1)).await.unwrap();
    assert_eq!((found.spans.len(), found.unreadable, found.left_out), (1, 10, 0));
    let found = store.trace(trace_id(2)).await.unwrap();
    assert_eq!((found.spans.len(), found.unreadable), (10, 0));

    let by_operation = TraceQuery { operation: Some("GET /menu".into()), ..query() };
    let found = store.search(by_operation).await.unwrap();
    assert!(found.unreadable && !found.incomplete);
    assert_eq!(found.traces.len(), 2, "the first by its span of the barista");
    let found = store.search(TraceQuery { service: Some("barista".into()), ..query() }).await.unwrap();
    assert!(!found.unreadable, "nobody needed the chunk");
    assert_eq!(store.figures().await.unwrap().damaged, 1, "once, however often it is met");
}

#[tokio::test]
async fn a_damaged_chunk_is_left_alone_while_the_others_are_joined() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    for trace in 0..60 {
        store
            .append_spans((1..=10).map(|id| span("reception", trace, id, NOON + id)).collect())
            .await
            .unwrap();
    }
    store.close().await;
    damage_chunk(folder.path(), 7);

    let settings = EmbeddedSettings { compact_after: Duration::ZERO, ..EmbeddedSettings::default() };
    let store = EmbeddedStore::open(folder.path(), settings).unwrap();
    let database = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
    let chunks = || database.query_row("SELECT count(*) FROM chunk", [], |row| row.get::<_, i64>(0)).unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while chunks() > 3 {
        assert!(std::time::Instant::now() < deadline, "{} chunks are left", chunks());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let figures = store.figures().await.unwrap();
    assert_eq!((figures.damaged, figures.spans), (1, 600));
    for trace in 0..60 {
        let found = store.trace(trace_id(trace)).await.unwrap();
        let expected = if trace == 6 { (0, 10) } else { (10, 0) };
        assert_eq!((found.spans.len(), found.unreadable), expected, "trace {trace}");
    }
    let body: i64 =
        database.query_row("SELECT length(body) FROM chunk WHERE id=7", [], |row| row.get(0)).unwrap();
    assert!(body > 0, "it is still there for whoever can mend it");
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_writing_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.append_spans(vec![span("reception", 1, 1, NOON)]).await.unwrap();
    store.append_spans(vec![span("reception", 2, 2, NOON - DAY)]).await.unwrap();
    store.close().await;
    std::fs::write(folder.path().join(FILE), vec![0xAA; 100_000]).unwrap();

    let store = open(&folder);
    let found = store.search(query()).await.unwrap();
    assert_eq!(found.traces.len(), 1, "the other day is there");
    assert!(found.unreadable);
    assert!(store.trace(trace_id(1)).await.unwrap().spans.is_empty());
    assert_eq!(store.services(ALWAYS).await.unwrap(), ["reception"]);
    assert!(store.figures().await.unwrap().damaged > 0);

    store.append_spans(vec![span("reception", 3, 3, NOON)]).await.unwrap();
    store.append_points(vec![delta(NOON + 1, 1.0)]).await.unwrap();
    assert_eq!(store.trace(trace_id(3)).await.unwrap().spans.len(), 1);
    let aside = || {
        let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().contains(".damaged-")).count()
    };
    assert_eq!(aside(), 1);
    let now = jiff::Timestamp::from_nanosecond(i128::from(NOON + 3 * DAY)).unwrap();
    store.retain(now, 1).await.unwrap();
    assert_eq!(aside(), 0, "it goes with its day");
}

#[tokio::test]
async fn a_file_of_another_format_is_set_aside_too() {
    let folder = tempfile::tempdir().unwrap();
    let database = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
    database.execute_batch("CREATE TABLE chunk(id INTEGER PRIMARY KEY, body BLOB);").unwrap();
    drop(database);
    let store = open(&folder);
    assert!(store.search(query()).await.unwrap().unreadable);
    store.append_spans(vec![span("reception", 1, 1, NOON)]).await.unwrap();
    assert_eq!(store.search(query()).await.unwrap().traces.len(), 1);
}
