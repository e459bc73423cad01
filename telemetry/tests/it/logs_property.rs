//! A search finds what going through all lines finds.

use proptest::prelude::*;
use seaworthy_telemetry::{
    EmbeddedSettings, EmbeddedStore, Telemetry,
    log::{LogQuery, LogRecord},
    model::{Value, Window},
};

use crate::support::{MINUTE, NOON, line, trace_id};

const SERVICES: [&str; 3] = ["reception", "barista", "till"];
const WORDS: [&str; 6] = ["brewing", "no", "milk", "order-17", "TimeoutError", "latté"];

/// A day and a bit, so that there are two files, with crowded moments in it.
fn times() -> impl Strategy<Value = u64> {
    prop_oneof![0..5_u64, 0..3 * MINUTE, 0..30 * 60 * MINUTE].prop_map(|after| NOON + after)
}

fn lines() -> impl Strategy<Value = Vec<LogRecord>> {
    let words = prop::collection::vec(0..WORDS.len(), 0..4);
    let one = (times(), 0..3_usize, 0..25_u8, words, prop::option::of(0..4_u64), prop::option::of(0..3_i64));
    prop::collection::vec(one, 1..150).prop_map(|made| {
        made.into_iter()
            .map(|(at, service, severity, words, trace, order)| {
                let message: Vec<&str> = words.iter().map(|at| WORDS[*at]).collect();
                LogRecord {
                    severity,
                    trace_id: trace.map(trace_id),
                    attributes: order.map(|order| ("order".into(), Value::Int(order))).into_iter().collect(),
                    ..line(SERVICES[service], at, &message.join(" "))
                }
            })
            .collect()
    })
}

fn queries() -> impl Strategy<Value = LogQuery> {
    let maybe = |count: usize| prop::option::of(0..count);
    (
        (times(), times()),
        maybe(3),
        0..25_u8,
        maybe(6),
        prop::option::of(0..4_u64),
        prop::option::of(0..3_i64),
        1..40_usize,
    )
        .prop_map(|((a, b), service, least_severity, word, trace, order, limit)| LogQuery {
            service: service.map(|at| SERVICES[at].into()),
            least_severity,
            text: word.map(|at| WORDS[at].to_uppercase()).into_iter().collect(),
            trace: trace.map(trace_id),
            attributes: order.map(|order| ("order".into(), order.to_string())).into_iter().collect(),
            ..LogQuery::all(Window { from: a.min(b), to: a.max(b) + 1 }, limit)
        })
}

fn matches(line: &LogRecord, query: &LogQuery) -> bool {
    let message = line.body.as_text().unwrap().to_lowercase();
    (query.window.from..query.window.to).contains(&line.at)
        && query.service.as_ref().is_none_or(|service| *service == line.resource.service)
        && line.severity >= query.least_severity
        && query.text.iter().all(|word| message.split(' ').any(|known| known == word.to_lowercase()))
        && query.trace.is_none_or(|trace| line.trace_id == Some(trace))
        && query.attributes.iter().all(|(_, value)| {
            line.attributes.iter().any(|(_, held)| held.as_text().is_some_and(|text| text == *value))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]
    #[test]
    fn a_search_finds_what_going_through_all_lines_finds(
        lines in lines(),
        requests in 1..6_usize,
        queries in prop::collection::vec(queries(), 12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let store = EmbeddedStore::open(folder.path(), EmbeddedSettings::default()).unwrap();
            // Equal lines of two requests are one.
            let mut stored: Vec<LogRecord> = Vec::new();
            for request in lines.chunks(lines.len().div_ceil(requests)) {
                store.append_logs(request.to_vec()).await.unwrap();
                for line in request {
                    let count = |lines: &[LogRecord]| lines.iter().filter(|known| *known == line).count();
                    if count(&stored) < count(request) {
                        stored.push(line.clone());
                    }
                }
            }
            for query in queries {
                let mut times: Vec<u64> =
                    stored.iter().filter(|line| matches(line, &query)).map(|line| line.at).collect();
                times.sort_unstable_by(|a, b| b.cmp(a));
                let mut found = Vec::new();
                let mut page = query.clone();
                loop {
                    let answer = store.logs(page.clone()).await.unwrap();
                    prop_assert!(!answer.incomplete && !answer.unreadable);
                    prop_assert!(answer.lines.iter().all(|line| matches(&line.record, &query)), "{:?}", query);
                    found.extend(answer.lines.iter().map(|line| line.record.at));
                    let Some(older) = answer.older else { break };
                    page.before = Some(older);
                }
                prop_assert_eq!(found, times, "{:?}", query);
            }
            store.close().await;
            Ok(())
        })?;
    }
}
