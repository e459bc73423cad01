use seaworthy_telemetry::{
    AppendError, EmbeddedSettings, EmbeddedStore, Telemetry,
    model::{Event, Link, Scope, SpanId, SpanKind, SpanStatus, TraceQuery, Value, Window},
};

use crate::support::{ALWAYS, DAY, MINUTE, NOON, SECOND, open, query, span, store, trace_id};

#[tokio::test]
async fn a_span_comes_back_as_it_was_also_after_a_restart() {
    let (store, folder) = store();
    let mut full = span("reception", 1, 1, NOON + 123_456_789);
    full.parent = Some(SpanId([9; 8]));
    full.trace_state = "vendor=value".into();
    full.flags = 0x301;
    full.kind = SpanKind::Client;
    full.end = full.start + 1;
    full.status = SpanStatus::Error("database is locked".into());
    full.attributes = vec![
        ("text".into(), Value::String("naïve ☕".into())),
        ("empty".into(), Value::Empty),
        ("bool".into(), Value::Bool(true)),
        ("int".into(), Value::Int(i64::MIN)),
        ("double".into(), Value::Double(-0.5)),
        ("bytes".into(), Value::Bytes(vec![0, 255])),
        ("array".into(), Value::Array(vec![Value::Int(1), Value::String("x".into())])),
        ("map".into(), Value::Map(vec![("key".into(), Value::Bool(false))])),
    ];
    full.events = vec![Event {
        at: full.start - 5,
        name: "before its span".into(),
        attributes: vec![("k".into(), Value::Int(1))],
        dropped_attributes: 3,
    }];
    full.links = vec![Link {
        trace_id: trace_id(99),
        span_id: SpanId([3; 8]),
        trace_state: "a=b".into(),
        attributes: vec![("k".into(), Value::Int(2))],
    }];
    full.dropped_attributes = 1;
    full.dropped_events = 2;
    full.dropped_links = 3;
    full.scope = std::sync::Arc::new(Scope {
        name: "sqlx".into(),
        version: "0.9".into(),
        attributes: vec![("k".into(), Value::Int(3))],
    });
    store.append_spans(vec![full.clone()]).await.unwrap();
    assert_eq!(store.trace(trace_id(1)).await.unwrap().spans, [full.clone()]);
    store.close().await;
    assert_eq!(open(&folder).trace(trace_id(1)).await.unwrap().spans, [full]);
}

#[tokio::test]
async fn a_trace_is_found_whole_over_midnight_and_over_several_requests_with_each_span_once() {
    let (store, _folder) = store();
    let midnight = NOON - NOON % DAY + DAY;
    let root = span("reception", 1, 1, midnight - 10);
    let mut child = span("barista", 1, 2, midnight + 10);
    child.parent = Some(root.span_id);
    store.append_spans(vec![root.clone()]).await.unwrap();
    store.append_spans(vec![child.clone(), span("barista", 2, 3, midnight)]).await.unwrap();
    store.append_spans(vec![root.clone()]).await.unwrap();
    assert_eq!(store.trace(trace_id(1)).await.unwrap().spans, [root, child]);

    let found = store.search(TraceQuery { service: Some("barista".into()), ..query() }).await.unwrap();
    let summary = found.traces.iter().find(|trace| trace.trace_id == trace_id(1)).unwrap();
    assert_eq!((summary.service.as_str(), summary.start), ("reception", midnight - 10));
    assert_eq!(summary.duration, SECOND + 20);
    assert!(summary.services.iter().any(|(service, _)| service == "barista"));
}

#[tokio::test]
async fn every_condition_must_be_met_by_the_same_span() {
    let (store, _folder) = store();
    let mut slow = span("reception", 1, 1, NOON);
    slow.name = "POST /orders".into();
    slow.end = slow.start + 5 * SECOND;
    let mut failed = span("reception", 1, 2, NOON + 1);
    failed.status = SpanStatus::Error("no milk".into());
    failed.attributes.push(("drink".into(), Value::String("cortado".into())));
    let quick = span("barista", 2, 3, NOON + MINUTE);
    store.append_spans(vec![slow, failed, quick]).await.unwrap();

    let cases: Vec<(&str, TraceQuery, &[u64])> = vec![
        ("all, latest first", query(), &[2, 1]),
        ("limit", TraceQuery { limit: 1, ..query() }, &[2]),
        ("service", TraceQuery { service: Some("reception".into()), ..query() }, &[1]),
        ("unknown service", TraceQuery { service: Some("till".into()), ..query() }, &[]),
        ("operation", TraceQuery { operation: Some("POST /orders".into()), ..query() }, &[1]),
        ("operation of nobody", TraceQuery { operation: Some("POST".into()), ..query() }, &[]),
        ("at least", TraceQuery { min_duration: Some(5 * SECOND), ..query() }, &[1]),
        ("at most", TraceQuery { max_duration: Some(SECOND), ..query() }, &[2, 1]),
        ("errors", TraceQuery { errors_only: true, ..query() }, &[1]),
        (
            "slow and failed, but not one span",
            TraceQuery { errors_only: true, min_duration: Some(2 * SECOND), ..query() },
            &[],
        ),
        ("attribute", TraceQuery { attributes: vec![("drink".into(), "cortado".into())], ..query() }, &[1]),
        (
            "attribute as text",
            TraceQuery { attributes: vec![("http.response.status_code".into(), "200".into())], ..query() },
            &[2, 1],
        ),
        (
            "attribute of the resource",
            TraceQuery { attributes: vec![("service.name".into(), "barista".into())], ..query() },
            &[2],
        ),
        (
            "attribute of another span",
            TraceQuery {
                attributes: vec![("drink".into(), "cortado".into())],
                operation: Some("POST /orders".into()),
                ..query()
            },
            &[],
        ),
        ("window", TraceQuery { window: Window { from: NOON + 1, to: NOON + 2 }, ..query() }, &[1]),
        (
            "window ends before",
            TraceQuery { window: Window { from: NOON + 2, to: NOON + MINUTE }, ..query() },
            &[],
        ),
    ];
    for (what, query, expected) in cases {
        let found = store.search(query).await.unwrap();
        let ids: Vec<_> = found.traces.iter().map(|trace| trace.trace_id).collect();
        let expected: Vec<_> = expected.iter().map(|number| trace_id(*number)).collect();
        assert_eq!(ids, expected, "{what}");
        assert!(!found.incomplete, "{what}");
    }
}

#[tokio::test]
async fn names_and_request_minutes_are_kept() {
    let (store, _folder) = store();
    let mut failed = span("reception", 2, 2, NOON + 1);
    failed.status = SpanStatus::Error(String::new());
    let mut inner = span("reception", 2, 3, NOON + 2);
    inner.kind = SpanKind::Internal;
    inner.name = "validate order".into();
    store.append_spans(vec![span("reception", 1, 1, NOON)]).await.unwrap();
    store.append_spans(vec![failed, inner, span("barista", 2, 4, NOON + 3)]).await.unwrap();
    assert_eq!(store.services(ALWAYS).await.unwrap(), ["barista", "reception"]);
    assert_eq!(store.operations("reception", ALWAYS).await.unwrap(), ["GET /menu", "validate order"]);
    let minutes = store.span_minutes("reception", ALWAYS).await.unwrap();
    assert_eq!(minutes.len(), 1);
    assert_eq!((minutes[0].minute, minutes[0].requests, minutes[0].errors), (NOON, 2, 1));
    let p50 = minutes[0].durations.quantile(0.5).unwrap();
    assert!((p50 - 1.0).abs() < 0.05, "{p50}");
    let figures = store.figures().await.unwrap();
    assert_eq!(figures.spans, 4);
    assert!(figures.bytes > 0);
}

#[tokio::test]
async fn whole_days_are_forgotten_while_the_rest_stays() {
    let (store, folder) = store();
    for days in 0..4 {
        store.append_spans(vec![span("reception", days, 1, NOON - days * DAY)]).await.unwrap();
    }
    let now = jiff::Timestamp::from_nanosecond(i128::from(NOON)).unwrap();
    store.retain(now, 1).await.unwrap();
    let found = store.search(query()).await.unwrap();
    assert_eq!(
        found.traces.iter().map(|trace| trace.trace_id).collect::<Vec<_>>(),
        [trace_id(0), trace_id(1)]
    );
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    store.close().await;
    assert!(left <= 6, "{left} files are left of two days");
}

#[tokio::test]
async fn a_full_queue_is_said_at_once_and_a_closed_store_too() {
    let folder = tempfile::tempdir().unwrap();
    let settings = EmbeddedSettings { queue_capacity: 1_000, ..EmbeddedSettings::default() };
    let store = std::sync::Arc::new(EmbeddedStore::open(folder.path(), settings).unwrap());
    let batches = (0..8).map(|batch| {
        let store = store.clone();
        let spans: Vec<_> = (0..900).map(|id| span("reception", batch, id + 1, NOON)).collect();
        tokio::spawn(async move { store.append_spans(spans).await })
    });
    let mut behind = 0;
    let mut stored = 0;
    for batch in batches.collect::<Vec<_>>() {
        match batch.await.unwrap() {
            Ok(()) => stored += 900,
            Err(AppendError::Behind { retry_after }) => {
                assert!(retry_after.as_secs() >= 1);
                behind += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(behind > 0, "eight batches fitted into a queue for one");
    assert_eq!(store.figures().await.unwrap().spans, stored);
    store.close().await;
    assert!(matches!(
        store.append_spans(vec![span("reception", 1, 1, NOON)]).await,
        Err(AppendError::Closed)
    ));
}

#[tokio::test]
async fn small_chunks_are_joined_and_nothing_is_lost_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        EmbeddedSettings { compact_after: std::time::Duration::ZERO, ..EmbeddedSettings::default() };
    let store = EmbeddedStore::open(folder.path(), settings).unwrap();
    for batch in 0..150 {
        let spans = (0..10).map(|id| span("reception", batch, id + 1, NOON + id)).collect();
        store.append_spans(spans).await.unwrap();
    }
    let database = rusqlite::Connection::open(folder.path().join("2026-11-20.telemetry")).unwrap();
    let chunks = || database.query_row("SELECT count(*) FROM chunk", [], |row| row.get::<_, i64>(0)).unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while chunks() > 10 {
        assert!(std::time::Instant::now() < deadline, "{} chunks are left", chunks());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for batch in 0..150 {
        assert_eq!(store.trace(trace_id(batch)).await.unwrap().spans.len(), 10);
    }
    assert_eq!(store.figures().await.unwrap().spans, 1_500);
    let found = store.search(TraceQuery { limit: 200, ..query() }).await.unwrap();
    assert_eq!(found.traces.len(), 150);
    assert!(found.traces.iter().all(|trace| trace.spans == 10));
}
