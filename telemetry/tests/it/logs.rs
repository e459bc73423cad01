//! Lines come back as they were sent, once each, latest first, page by page.

use std::time::{Duration, Instant};

use seaworthy_telemetry::{
    EmbeddedSettings, EmbeddedStore, Telemetry,
    log::{Level, LogCount, LogLine, LogQuery, LogRecord},
    model::{SpanId, Value, Window},
};

use crate::support::{ALWAYS, DAY, MINUTE, NOON, SECOND, line, open, span, store, trace_id};

fn all() -> LogQuery {
    LogQuery::all(ALWAYS, 100)
}

fn messages(lines: &[LogLine]) -> Vec<String> {
    lines.iter().map(|line| line.record.body.as_text().unwrap().into_owned()).collect()
}

/// With everything that a line can have.
fn rich() -> LogRecord {
    LogRecord {
        observed_at: NOON - SECOND,
        severity: 18,
        severity_text: "ERROR2".into(),
        event_name: "exception".into(),
        body: Value::Map(vec![(
            "what".into(),
            Value::Array(vec![Value::String("no milk".into()), Value::Int(7)]),
        )]),
        attributes: vec![
            ("exception.type".into(), Value::String("NoMilk".into())),
            ("tries".into(), Value::Int(3)),
        ],
        dropped_attributes: 2,
        flags: 1,
        trace_id: Some(trace_id(1)),
        span_id: Some(SpanId([5; 8])),
        ..line("reception", NOON, "")
    }
}

#[tokio::test]
async fn a_line_comes_back_as_it_was_sent_also_after_a_restart() {
    let (store, folder) = store();
    let lines = vec![line("reception", NOON + 1, "open"), rich(), LogRecord { observed_at: 0, ..rich() }];
    store.append_logs(lines.clone()).await.unwrap();
    store.close().await;
    let store = open(&folder);
    let found = store.logs(all()).await.unwrap();
    assert_eq!(found.lines.len(), 3);
    for line in &lines {
        assert!(found.lines.iter().any(|found| found.record == *line), "{line:?}");
    }
    assert!(found.older.is_none() && !found.incomplete && !found.unreadable);
    assert_eq!(store.figures().await.unwrap().lines, 3);
}

#[tokio::test]
async fn a_request_that_is_sent_twice_has_each_line_once_and_a_line_logged_twice_is_two() {
    let (store, _folder) = store();
    let request = vec![line("reception", NOON, "again"), line("reception", NOON, "again")];
    for _ in 0..3 {
        store.append_logs(request.clone()).await.unwrap();
    }
    assert_eq!(messages(&store.logs(all()).await.unwrap().lines), ["again", "again"]);
}

#[tokio::test]
async fn older_lines_follow_page_by_page_and_none_is_left_out_or_doubled() {
    let (store, _folder) = store();
    // Over two days, many at one nanosecond, in requests that overlap in time.
    for request in 0..7 {
        let lines = (0..40).map(|number| {
            let at = NOON - (number % 3) * DAY / 2 + (number % 5) * SECOND;
            line("reception", at, &format!("line {}", request * 40 + number))
        });
        store.append_logs(lines.collect()).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut query = LogQuery { limit: 9, ..all() };
    loop {
        let found = store.logs(query.clone()).await.unwrap();
        seen.extend(found.lines.iter().map(|line| line.position));
        let Some(older) = found.older else { break };
        assert_eq!((found.lines.len(), older), (9, *seen.last().unwrap()));
        query.before = Some(older.to_string().parse().unwrap());
    }
    assert_eq!(seen.len(), 280);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

#[tokio::test]
async fn what_is_asked_for_is_found() {
    let (store, _folder) = store();
    let with = |message: &str, change: fn(&mut LogRecord)| {
        let mut line = line("reception", NOON, message);
        change(&mut line);
        line
    };
    let lines = vec![
        with("brewing a Cortado", |line| line.severity = 5),
        with("no milk", |line| line.severity = 17),
        with("TimeoutError while brewing", |line| line.attributes = vec![("order".into(), Value::Int(17))]),
        with("till", |line| {
            line.scope = std::sync::Arc::new(seaworthy_telemetry::model::Scope {
                name: "shop::orders::till".into(),
                ..Default::default()
            })
        }),
        with("in a trace", |line| line.trace_id = Some(trace_id(5))),
        with("raised", |line| line.event_name = "exception".into()),
        line("barista", NOON, "elsewhere"),
    ];
    store.append_logs(lines).await.unwrap();
    let text =
        |pieces: &[&str]| LogQuery { text: pieces.iter().map(|piece| (*piece).into()).collect(), ..all() };
    let attribute =
        |key: &str, value: &str| LogQuery { attributes: vec![(key.into(), value.into())], ..all() };
    let cases: Vec<(LogQuery, &[&str])> = vec![
        (text(&["brewing"]), &["brewing a Cortado", "TimeoutError while brewing"]),
        (text(&["BREWING", "cortado"]), &["brewing a Cortado"]),
        (text(&["timeout"]), &["TimeoutError while brewing"]),
        (text(&["brew"]), &[]),
        (text(&["brew*"]), &["brewing a Cortado", "TimeoutError while brewing"]),
        (text(&["*ort*"]), &["brewing a Cortado"]),
        (text(&["17"]), &["TimeoutError while brewing"]),
        (text(&["while brewing"]), &["TimeoutError while brewing"]),
        (text(&["brewing while"]), &[]),
        (attribute("order", "17"), &["TimeoutError while brewing"]),
        (attribute("order", "18"), &[]),
        (attribute("service.name", "barista"), &["elsewhere"]),
        (LogQuery { least_severity: Level::Warn.least_severity(), ..all() }, &["no milk"]),
        (LogQuery { target: Some("shop::orders::till".into()), ..all() }, &["till"]),
        (LogQuery { target: Some("shop".into()), text: vec!["till".into()], ..all() }, &["till"]),
        (LogQuery { target: Some("shop::ord".into()), ..all() }, &[]),
        (LogQuery { trace: Some(trace_id(5)), ..all() }, &["in a trace"]),
        (LogQuery { trace: Some(trace_id(6)), ..all() }, &[]),
        (LogQuery { event_name: Some("exception".into()), ..all() }, &["raised"]),
        (LogQuery { service: Some("barista".into()), ..all() }, &["elsewhere"]),
        (LogQuery { service: Some("nobody".into()), ..all() }, &[]),
        (LogQuery::all(Window { from: NOON + 1, to: NOON + 2 }, 10), &[]),
        (LogQuery::all(Window { from: NOON, to: NOON }, 10), &[]),
    ];
    for (query, expected) in cases {
        let mut found = messages(&store.logs(query.clone()).await.unwrap().lines);
        let mut expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{query:?}");
    }
}

#[tokio::test]
async fn lines_are_counted_by_minute_and_level() {
    let (store, _folder) = store();
    let mut traced = line("reception", NOON + SECOND, "in a request");
    traced.trace_id = Some(trace_id(1));
    let failed = LogRecord { severity: 17, ..line("reception", NOON + MINUTE, "failed") };
    let lines = vec![line("reception", NOON, "one"), traced, failed, line("barista", NOON, "other")];
    store.append_logs(lines).await.unwrap();
    store.append_logs(vec![line("reception", NOON + 2, "two")]).await.unwrap();
    let noon = |minutes| Window { from: NOON, to: NOON + minutes * MINUTE };
    let count = |from, level, lines, traced| LogCount { from, level, lines, traced };
    assert_eq!(
        store.log_counts(Some("reception"), noon(2), 1).await.unwrap(),
        [count(NOON, Level::Info, 3, 1), count(NOON + MINUTE, Level::Error, 1, 0)]
    );
    assert_eq!(
        store.log_counts(None, noon(10), 5).await.unwrap(),
        [count(NOON, Level::Info, 4, 1), count(NOON, Level::Error, 1, 0)]
    );
    assert_eq!(store.log_counts(None, noon(1), 1).await.unwrap(), [count(NOON, Level::Info, 4, 1)]);
    assert_eq!(store.log_counts(Some("nobody"), noon(1), 1).await.unwrap(), []);
    assert_eq!(store.services(ALWAYS).await.unwrap(), ["barista", "reception"]);
}

#[tokio::test]
async fn small_chunks_of_lines_are_joined_and_nothing_changes_for_who_searches() {
    let folder = tempfile::tempdir().unwrap();
    let settings = EmbeddedSettings { compact_after: Duration::ZERO, ..EmbeddedSettings::default() };
    let store = EmbeddedStore::open(folder.path(), settings).unwrap();
    for request in 0..40 {
        let lines = (0..30).map(|number| LogRecord {
            trace_id: Some(trace_id(request)),
            ..line(
                if number % 2 == 0 { "reception" } else { "barista" },
                NOON + request * SECOND + number,
                "brewing",
            )
        });
        store.append_logs(lines.collect()).await.unwrap();
    }
    // One of the requests comes once more.
    store
        .append_logs(
            (0..30)
                .map(|number| LogRecord {
                    trace_id: Some(trace_id(3)),
                    ..line(
                        if number % 2 == 0 { "reception" } else { "barista" },
                        NOON + 3 * SECOND + number,
                        "brewing",
                    )
                })
                .collect(),
        )
        .await
        .unwrap();
    let database = rusqlite::Connection::open(folder.path().join("2026-11-20.telemetry")).unwrap();
    let count = |table: &str| -> i64 {
        database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    // 1,200 lines in two services: each less than a full chunk, so those of many small ones are joined by number.
    for more in 0.. {
        if count("log_chunk") < 30 || Instant::now() > deadline {
            break;
        }
        let at = NOON + 10 * MINUTE + more;
        store.append_logs(vec![line("reception", at, "more"), line("barista", at, "more")]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(count("log_chunk") < 30, "{} chunks are left", count("log_chunk"));
    assert_eq!(count("log_filter"), count("log_chunk"));
    let brewing = LogQuery { text: vec!["brewing".into()], limit: 10_000, ..all() };
    assert_eq!(store.logs(brewing).await.unwrap().lines.len(), 1_200);
    let of_trace = LogQuery { trace: Some(trace_id(3)), ..all() };
    assert_eq!(store.logs(of_trace).await.unwrap().lines.len(), 30);
    let everything = store.logs(LogQuery { limit: 10_000, ..all() }).await.unwrap().lines.len() as u64;
    let figures = store.figures().await.unwrap();
    assert!(figures.lines == everything || figures.lines == everything + 30, "{figures:?} of {everything}");
}

#[tokio::test]
async fn a_damaged_chunk_is_passed_over_and_this_is_said() {
    let (store, folder) = store();
    store.append_logs(vec![line("reception", NOON, "lost")]).await.unwrap();
    store.append_logs(vec![line("reception", NOON + 1, "kept")]).await.unwrap();
    let database = rusqlite::Connection::open(folder.path().join("2026-11-20.telemetry")).unwrap();
    database.execute("UPDATE log_chunk SET body=x'AAAAAAAA' WHERE id=1", []).unwrap();
    let found = store.logs(all()).await.unwrap();
    assert_eq!(messages(&found.lines), ["kept"]);
    assert!(found.unreadable);
    assert_eq!(store.figures().await.unwrap().damaged, 1);
}

#[tokio::test]
async fn a_search_that_runs_out_of_time_says_from_where_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let settings = EmbeddedSettings { search_time: Duration::ZERO, ..EmbeddedSettings::default() };
    let store = EmbeddedStore::open(folder.path(), settings).unwrap();
    store.append_logs(vec![line("reception", NOON, "open")]).await.unwrap();
    let found = store.logs(all()).await.unwrap();
    assert!(found.incomplete && found.lines.is_empty());
    assert!(found.older.unwrap().at >= NOON);
}

#[tokio::test]
async fn days_without_tables_for_lines_are_days_without_lines() {
    let (store, folder) = store();
    store.append_spans(vec![span("reception", 1, 1, NOON)]).await.unwrap();
    store.close().await;
    let database = rusqlite::Connection::open(folder.path().join("2026-11-20.telemetry")).unwrap();
    for table in ["log_chunk", "log_filter", "log_trace", "log_minute"] {
        database.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    drop(database);
    let store = open(&folder);
    assert!(store.logs(all()).await.unwrap().lines.is_empty());
    assert!(store.log_counts(None, ALWAYS, 60).await.unwrap().is_empty());
    assert_eq!(store.figures().await.unwrap().lines, 0);
    assert_eq!(store.services(ALWAYS).await.unwrap(), ["reception"]);
    store.append_logs(vec![line("reception", NOON, "open")]).await.unwrap();
    assert_eq!(store.logs(all()).await.unwrap().lines.len(), 1);
}

#[tokio::test]
async fn lines_go_with_their_day() {
    let (store, _folder) = store();
    store
        .append_logs(vec![line("reception", NOON - 3 * DAY, "old"), line("reception", NOON, "new")])
        .await
        .unwrap();
    store.retain(jiff::Timestamp::from_nanosecond(i128::from(NOON)).unwrap(), 1).await.unwrap();
    assert_eq!(messages(&store.logs(all()).await.unwrap().lines), ["new"]);
}
