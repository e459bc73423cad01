//! What is answered from running counts.

use seaworthy_telemetry::{
    Telemetry,
    histogram::ExplicitHistogram,
    metric::{MetricKind, MetricPoint, PointValue},
    model::{Span, SpanId, SpanKind, UnixNanos, Value, Window},
    observed::{BusiestMinute, Outbound, SpanLinks},
};

use crate::support::{ALWAYS, DAY, MINUTE, NOON, SECOND, delta, open, resource, span, store};

const HOUR: u64 = 60 * MINUTE;

fn text(key: &str, value: &str) -> (String, Value) {
    (key.into(), Value::String(value.into()))
}

/// A call of another service, and the span with which that one answers.
fn call(number: u64, (from, to): (&str, &str), peer: Vec<(String, Value)>, start: UnixNanos) -> [Span; 2] {
    let client = Span { kind: SpanKind::Client, attributes: peer, ..span(from, number, 2 * number, start) };
    let server = span(to, number, 2 * number + 1, start + 1);
    [client.clone(), Span { parent: Some(client.span_id), ..server }]
}

fn of(servers: u64, spans: u64, remote_parents: u64, remote_children: u64) -> SpanLinks {
    SpanLinks { servers, spans, remote_parents, remote_children, latest: Some(NOON) }
}

#[tokio::test]
async fn calls_are_put_together_in_whichever_order_they_arrive() {
    let (store, folder) = store();
    let till = || vec![text("server.address", "till.example"), ("server.port".into(), Value::Int(8443))];
    let [client, server] = call(1, ("reception", "till"), till(), NOON);
    store.append_spans(vec![client, server]).await.unwrap();
    let [client, server] = call(2, ("reception", "till"), till(), NOON);
    store.append_spans(vec![server]).await.unwrap();
    store.append_spans(vec![client]).await.unwrap();
    // Its own other instance is no other service, and a database answers with no span.
    let own = vec![text("peer.service", "reception")];
    store.append_spans(call(3, ("reception", "reception"), own, NOON).into()).await.unwrap();
    let [database, _] = call(4, ("reception", "-"), vec![text("db.system", "postgresql")], NOON);
    store.append_spans(vec![database]).await.unwrap();

    store.close().await;
    let store = open(&folder);
    assert_eq!(store.span_links("reception", ALWAYS).await.unwrap(), of(1, 5, 1, 2));
    assert_eq!(store.span_links("till", ALWAYS).await.unwrap(), of(2, 2, 2, 0));
    assert_eq!(store.span_links("nobody", ALWAYS).await.unwrap(), SpanLinks::default());
    let peer = |peer: &str, services: &[&str], calls| Outbound {
        peer: peer.into(),
        services: services.iter().map(|service| (*service).to_owned()).collect(),
        calls,
        latest: NOON,
    };
    let expected =
        [peer("postgresql", &[], 1), peer("reception", &[], 1), peer("till.example:8443", &["till"], 2)];
    assert_eq!(store.outbound("reception", ALWAYS).await.unwrap(), expected);
    let before = Window { from: NOON - DAY, to: NOON };
    assert_eq!(store.outbound("reception", before).await.unwrap(), []);
    assert_eq!(store.span_links("reception", before).await.unwrap(), SpanLinks::default());
}

#[tokio::test]
async fn a_parent_is_remote_unless_its_span_says_that_it_is_not() {
    let (store, _folder) = store();
    let child =
        |id, flags, kind| Span { parent: Some(SpanId([9; 8])), flags, kind, ..span("till", 1, id, NOON) };
    let spans = vec![
        child(1, 0x001, SpanKind::Server),
        child(2, 0x301, SpanKind::Consumer),
        child(3, 0x101, SpanKind::Server),
        child(4, 0x001, SpanKind::Internal),
        span("till", 2, 5, NOON),
    ];
    store.append_spans(spans).await.unwrap();
    assert_eq!(store.span_links("till", ALWAYS).await.unwrap(), of(3, 5, 2, 0));
}

#[tokio::test]
async fn somebody_who_calls_the_whole_world_fills_no_disk() {
    let (store, _folder) = store();
    let called = |number: u64| {
        let [client, _] =
            call(number, ("crawler", "-"), vec![text("server.address", &format!("host-{number:04}"))], NOON);
        client
    };
    store.append_spans((1..=1_000).map(called).collect()).await.unwrap();
    let found = store.outbound("crawler", ALWAYS).await.unwrap();
    assert_eq!((found.len(), found[0].calls), (200, 1));
    assert_eq!(store.span_links("crawler", ALWAYS).await.unwrap().spans, 1_000);
}

/// So many requests in the minute up to `time`.
fn requests(
    service: &str,
    metric: &str,
    time: UnixNanos,
    count: u64,
    attributes: Vec<(String, Value)>,
) -> MetricPoint {
    MetricPoint {
        resource: resource(service),
        name: metric.into(),
        unit: "s".into(),
        kind: MetricKind::ExplicitHistogram,
        value: PointValue::Explicit(ExplicitHistogram {
            bounds: vec![0.25],
            counts: vec![count, 0],
            sum: 1.0,
        }),
        attributes,
        start: time - MINUTE + 1,
        ..delta(time, 0.0)
    }
}

const METRIC: &str = "http.server.request.duration";

#[tokio::test]
async fn the_busiest_minute_is_of_all_routes_and_instances_and_of_no_load_test() {
    let (store, _folder) = store();
    let route = |route: &str| vec![text("http.route", route)];
    let points = vec![
        requests("till", METRIC, NOON, 100, route("/a")),
        requests("till", METRIC, NOON, 50, route("/b")),
        requests("till", METRIC, NOON + MINUTE, 140, route("/a")),
        requests("till", METRIC, NOON + 2 * MINUTE, 9_000, vec![text("user_agent.synthetic.type", "test")]),
        requests("till", "other.duration", NOON, 9_000, vec![]),
        requests("till", "http.server.duration", NOON + 3 * MINUTE, 7, vec![]),
        requests("till", METRIC, NOON - DAY, 160, route("/a")),
    ];
    // Sent twice, they count once.
    store.append_points(points.clone()).await.unwrap();
    store.append_points(points).await.unwrap();
    let busiest = |metric, from| {
        let store = &store;
        async move { store.busiest_minute("till", metric, Window { from, to: NOON + DAY }).await.unwrap() }
    };
    let minute = |minute, requests| Some(BusiestMinute { minute, requests });
    assert_eq!(busiest(Some(METRIC), NOON - HOUR).await, minute(NOON - MINUTE, 150));
    assert_eq!(busiest(Some(METRIC), 0).await, minute(NOON - DAY - MINUTE, 160));
    assert_eq!(busiest(Some("http.server.duration"), 0).await, minute(NOON + 2 * MINUTE, 7));
    assert_eq!(busiest(None, 0).await, None);
    store.append_spans(vec![span("till", 1, 1, NOON), span("till", 1, 2, NOON + SECOND)]).await.unwrap();
    assert_eq!(busiest(None, 0).await, minute(NOON, 2));
}

#[tokio::test]
async fn what_was_last_heard_of_is_told_by_series_and_by_service() {
    let (store, _folder) = store();
    let status = |status: i64| vec![("http.response.status_code".to_owned(), Value::Int(status))];
    store
        .append_points(vec![
            requests("till", METRIC, NOON, 1, status(200)),
            requests("till", METRIC, NOON + DAY, 1, status(200)),
            requests("till", METRIC, NOON, 1, status(500)),
            requests("bar", METRIC, NOON - 2 * DAY, 1, vec![]),
            requests("bar", "other", NOON, 1, vec![]),
        ])
        .await
        .unwrap();
    let window = Window { from: NOON - DAY, to: NOON + 2 * DAY };
    let mut found: Vec<_> = store.last_points(&[METRIC, "never.sent"], window).await.unwrap();
    found.sort_by_key(|point| point.minute);
    let found: Vec<_> =
        found.into_iter().map(|point| (point.service, point.name, point.attributes, point.minute)).collect();
    let of = |code, minute| ("till".to_owned(), METRIC.to_owned(), status(code), minute);
    assert_eq!(found, [of(500, NOON - MINUTE), of(200, NOON + DAY - MINUTE)]);

    let internal = Span { kind: SpanKind::Internal, ..span("bar", 3, 3, NOON) };
    store
        .append_spans(vec![span("till", 1, 1, NOON), span("till", 2, 2, NOON + 90 * SECOND), internal])
        .await
        .unwrap();
    let last = store.last_spans(window).await.unwrap();
    assert_eq!(last.into_iter().collect::<Vec<_>>(), [("till".to_owned(), NOON + MINUTE)]);
}
