//! Waterfalls of small traces, each with something in it.

use std::sync::Arc;

use seaworthy_telemetry::model::{Resource, Scope, SpanId, SpanKind, SpanStatus};

use super::*;

/// Spans as (id, parent or 0, start, end), in order of start as the store gives them.
fn spans(spans: &[(u64, u64, u64, u64)]) -> Vec<Span> {
    let span = |(id, parent, start, end): &(u64, u64, u64, u64)| Span {
        trace_id: TraceId([1; 16]),
        span_id: SpanId(id.to_be_bytes()),
        parent: (*parent != 0).then(|| SpanId(parent.to_be_bytes())),
        trace_state: String::new(),
        flags: 1,
        name: format!("s{id}"),
        kind: SpanKind::Internal,
        start: *start,
        end: *end,
        status: SpanStatus::Unset,
        attributes: vec![],
        events: vec![],
        links: vec![],
        dropped_attributes: 0,
        dropped_events: 0,
        dropped_links: 0,
        resource: Arc::new(Resource { instance: format!("i{}", id % 2), ..Resource::default() }),
        scope: Arc::new(Scope::default()),
    };
    let mut spans: Vec<Span> = spans.iter().map(span).collect();
    spans.sort_by_key(|span| span.start);
    spans
}

fn trace(given: &[(u64, u64, u64, u64)]) -> TraceView {
    waterfall(TraceId([1; 16]), spans(given)).unwrap()
}

/// Rows as `name@depth`.
fn shape(view: &TraceView) -> String {
    let rows: Vec<String> = view.rows.iter().map(|row| format!("{}@{}", row.name, row.depth)).collect();
    rows.join(" ")
}

#[test]
fn children_stand_below_their_parents_in_order_of_start() {
    let view = trace(&[(1, 0, 0, 100), (3, 1, 50, 90), (2, 1, 10, 40), (4, 2, 20, 30)]);
    assert_eq!(shape(&view), "s1@0 s2@1 s4@2 s3@1");
    assert_eq!(view.rows.iter().map(|row| row.descendants).collect::<Vec<_>>(), [3, 1, 0, 0]);
    assert_eq!(view.rows.iter().map(|row| row.own_nanos).collect::<Vec<_>>(), [30, 20, 10, 40]);
    assert!(view.notes.is_empty(), "{:?}", view.notes);
}

#[test]
fn missing_parents_several_roots_and_circles_are_shown_and_said() {
    let view = trace(&[(1, 0, 0, 10), (2, 9, 5, 8), (3, 4, 20, 30), (4, 3, 21, 22), (5, 5, 40, 41)]);
    assert_eq!(shape(&view), "s1@0 s2@0 s3@0 s4@1 s5@0");
    assert_eq!(view.notes.len(), 2, "{:?}", view.notes);
}

#[test]
fn a_trace_is_named_by_its_root_though_an_orphan_is_earlier() {
    let view = trace(&[(2, 9, 0, 10), (1, 0, 5, 100), (3, 1, 20, 90)]);
    assert_eq!((shape(&view).as_str(), view.name.as_str()), ("s2@0 s1@0 s3@1", "s1"));
    assert_eq!(view.rows.iter().map(|row| row.critical.len()).collect::<Vec<_>>(), [0, 2, 1]);
}

#[test]
fn counts_that_a_sender_made_up_do_no_harm() {
    let mut span = spans(&[(1, 0, 0, 10)]).remove(0);
    (span.dropped_attributes, span.dropped_events) = (u32::MAX, u32::MAX);
    assert_eq!(waterfall(span.trace_id, vec![span]).unwrap().rows[0].dropped, u32::MAX);
}

#[test]
fn a_child_before_its_parent_on_another_machine_is_said() {
    let view = trace(&[(1, 0, 100, 200), (2, 1, 90, 150)]);
    assert!(view.notes[0].contains("clocks"), "{:?}", view.notes);
    assert_eq!((view.duration_nanos, view.rows[0].offset_nanos, view.rows[1].offset_nanos), (110, 10, 0));
}

#[test]
fn the_critical_path_covers_the_root_exactly_and_leaves_out_what_ran_beside() {
    // 2 and 3 run beside each other; 3 ends last. 4 goes on after its parent.
    let view = trace(&[(1, 0, 0, 100), (2, 1, 10, 50), (3, 1, 20, 60), (4, 1, 70, 130)]);
    let of = |name: &str| view.rows.iter().find(|row| row.name == name).unwrap().critical.clone();
    assert_eq!(of("s1"), [(0, 20), (60, 10)]);
    assert_eq!(of("s2"), []);
    assert_eq!(of("s3"), [(20, 40)]);
    assert_eq!(of("s4"), [(70, 30)]);
    let sum: u64 = view.rows.iter().flat_map(|row| &row.critical).map(|(_, length)| length).sum();
    assert_eq!(sum, 100);
}

#[test]
fn a_deep_trace_does_not_exhaust_the_stack() {
    let spans: Vec<_> = (1..=50_000).map(|id| (id, id - 1, id, 200_000 - id)).collect();
    let view = trace(&spans);
    assert_eq!((view.spans, view.rows.len()), (50_000, MOST_ROWS));
    assert!(view.notes.iter().any(|note| note.contains("50000")), "{:?}", view.notes);
}
