//! A search finds what going through all spans finds.

use std::collections::HashMap;

use proptest::prelude::*;
use seaworthy_telemetry::{
    EmbeddedSettings, EmbeddedStore, Telemetry,
    model::{Span, SpanStatus, TraceId, TraceQuery, Value, Window},
};

use crate::support::{MINUTE, NOON, SECOND, query, span};

const SERVICES: [&str; 3] = ["reception", "barista", "till"];
const NAMES: [&str; 3] = ["GET /menu", "POST /orders", "brew"];
const DRINKS: [&str; 4] = ["cortado", "mocha", "lungo", "7"];

/// A day and a bit, so that there are two files, with crowded minutes in it.
fn starts() -> impl Strategy<Value = u64> {
    prop_oneof![0..3 * MINUTE, 0..30 * 60 * MINUTE].prop_map(|after| NOON + after)
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    let one = (0..40_u64, starts(), 0..3_usize, 0..3_usize, 0..5_usize, 0..4 * SECOND, any::<bool>());
    prop::collection::vec(one, 1..120).prop_map(|made| {
        let spans = made.into_iter().enumerate();
        spans
            .map(|(id, (trace, start, service, name, drink, duration, failed))| {
                let mut span = span(SERVICES[service], trace, id as u64 + 1, start);
                span.name = NAMES[name].into();
                span.end = start + duration;
                span.status = if failed { SpanStatus::Error("no milk".into()) } else { SpanStatus::Unset };
                span.attributes = match drink {
                    3 => vec![("drink".into(), Value::Int(7))],
                    4 => vec![("other".into(), Value::String(DRINKS[0].into()))],
                    drink => vec![("drink".into(), Value::String(DRINKS[drink].into()))],
                };
                span
            })
            .collect()
    })
}

fn queries() -> impl Strategy<Value = TraceQuery> {
    let maybe = |count: usize| prop::option::of(0..count);
    (
        (starts(), starts(), maybe(3), maybe(3), prop::option::of(0..4_usize), any::<bool>()),
        prop::option::of(0..4 * SECOND),
        prop::option::of(0..4 * SECOND),
        1..30_usize,
    )
        .prop_map(
            |((a, b, service, operation, drink, errors_only), min_duration, max_duration, limit)| {
                TraceQuery {
                    window: Window { from: a.min(b), to: a.max(b) },
                    service: service.map(|at| SERVICES[at].into()),
                    operation: operation.map(|at| NAMES[at].into()),
                    min_duration,
                    max_duration,
                    errors_only,
                    attributes: drink.map(|at| ("drink".into(), DRINKS[at].into())).into_iter().collect(),
                    limit,
                }
            },
        )
}

/// By trace, when the latest of its spans that match began.
fn expected(spans: &[Span], query: &TraceQuery) -> HashMap<TraceId, u64> {
    let mut latest = HashMap::new();
    for span in spans {
        let matches = (query.window.from..query.window.to).contains(&span.start)
            && query.service.as_ref().is_none_or(|service| *service == span.resource.service)
            && query.operation.as_ref().is_none_or(|operation| *operation == span.name)
            && query.min_duration.is_none_or(|min| span.duration() >= min)
            && query.max_duration.is_none_or(|max| span.duration() <= max)
            && (!query.errors_only || span.is_error())
            && query.attributes.iter().all(|(key, value)| {
                span.attributes
                    .iter()
                    .any(|(known, held)| known == key && held.as_text().is_some_and(|text| text == *value))
            });
        if matches {
            let start = latest.entry(span.trace_id).or_insert(span.start);
            *start = span.start.max(*start);
        }
    }
    latest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn a_search_finds_what_going_through_all_spans_finds(
        spans in spans(),
        requests in 1..6_usize,
        queries in prop::collection::vec(queries(), 12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let store = EmbeddedStore::open(folder.path(), EmbeddedSettings::default()).unwrap();
            for request in spans.chunks(spans.len().div_ceil(requests)) {
                store.append_spans(request.to_vec()).await.unwrap();
            }
            for query in queries.into_iter().chain([query()]) {
                let expected = expected(&spans, &query);
                let found = store.search(query.clone()).await.unwrap();
                prop_assert!(!found.incomplete && !found.unreadable);
                prop_assert_eq!(found.traces.len(), expected.len().min(query.limit), "{:?}", query);
                for trace in &found.traces {
                    prop_assert!(expected.contains_key(&trace.trace_id), "{:?} for {:?}", trace, query);
                    let whole: Vec<_> = spans.iter().filter(|span| span.trace_id == trace.trace_id).collect();
                    prop_assert_eq!(trace.spans, whole.len());
                }
                assert_latest_first(&query, &expected, &found.traces.iter().map(|t| t.trace_id).collect::<Vec<_>>())?;
            }
            store.close().await;
            Ok(())
        })?;
    }
}

/// Where the columns of a fragment decide, they tell the time to the minute; so a trace that was left out may be later
/// than one that was found by less than a minute.
fn assert_latest_first(
    query: &TraceQuery,
    expected: &HashMap<TraceId, u64>,
    found: &[TraceId],
) -> Result<(), TestCaseError> {
    let earliest_found = found.iter().map(|id| expected[id]).min().unwrap_or_default();
    let latest_left_out =
        expected.iter().filter(|(id, _)| !found.contains(id)).map(|(_, start)| *start).max();
    prop_assert!(
        latest_left_out.unwrap_or_default() < earliest_found + MINUTE,
        "{:?} left out {:?}, and has {}",
        query,
        latest_left_out,
        earliest_found
    );
    Ok(())
}
