//! What telemetry shows.

use std::sync::Arc;

use seaworthy_checklist::Value;
use seaworthy_telemetry::{
    histogram::ExplicitHistogram,
    metric::{Cell, CellValue, MetricKind, Series},
    model::{UnixNanos, Value as Attribute},
    observed::{BusiestMinute, Outbound, SpanLinks},
};

use super::{nobody, value};
use crate::{
    readiness::{
        known::Known,
        log_lines::LogLines,
        observed::{LogRecords, Observed, of_series},
    },
    signals::Source,
    view::health::tests::ago,
};

pub(super) fn observed(requests: Option<Vec<Series>>, servers: u64) -> Arc<Observed> {
    let peer = |peer: &str, services: &[&str]| Outbound {
        peer: peer.into(),
        services: services.iter().map(|service| (*service).to_owned()).collect(),
        calls: 7,
        latest: 0,
    };
    Arc::new(Observed {
        at: ago(60),
        requests: requests.map(|series| of_series(Source::HttpServer, series)),
        links: SpanLinks {
            servers,
            spans: servers * 3,
            remote_parents: 4,
            remote_children: 5,
            latest: None::<UnixNanos>,
        },
        log_lines: LogLines { all: 5_000, told: 1_980, not_told: 20, debug_in_production: 3 },
        log_records: LogRecords { all: 5_000, traced: 4_500 },
        outbound: vec![peer("barista:80", &["barista"]), peer("db", &[]), peer("mail", &[])],
        busiest: Some(BusiestMinute { minute: 0, requests: 90 }),
        running_out: Some(vec!["memory"]),
        foretold_at: ago(120),
    })
}

/// So many requests of a route within an hour, a tenth of them failed.
pub(super) fn series(route: &str, requests: u64, load_test: bool) -> Vec<Series> {
    let text = |key: &str, text: &str| (key.to_owned(), Attribute::String(text.to_owned()));
    let one = |status: i64, count: u64| {
        let mut attributes = vec![
            text("http.request.method", "GET"),
            text("http.route", route),
            ("http.response.status_code".to_owned(), Attribute::Int(status)),
        ];
        attributes.extend(load_test.then(|| text("user_agent.synthetic.type", "test")));
        let durations = ExplicitHistogram { bounds: vec![0.1, 0.2], counts: vec![count, 0, 0], sum: 1.0 };
        Series {
            service: "reception".into(),
            instance: "1".into(),
            name: "http.server.request.duration".into(),
            unit: "s".into(),
            kind: MetricKind::ExplicitHistogram,
            attributes,
            cells: vec![Cell { at: 0, value: CellValue::Explicit(durations) }],
        }
    };
    vec![one(200, requests - requests / 10), one(500, requests / 10)]
}

#[test]
fn requests_without_spans_may_be_sampled_away_and_then_nobody_knows() {
    let share = |servers| {
        let observed = observed(Some(series("/a", 1_000, false)), servers);
        value(&Known { observed: Some(observed), ..nobody() }, "request_trace_id_share_24h")
    };
    assert_eq!(share(1_200), Some(Value::Float(1.0)));
    assert_eq!(share(950), Some(Value::Float(0.95)));
    assert_eq!(share(899), None);
    assert_eq!(share(0), None);
    let only_spans = Known { observed: Some(observed(None, 1_000)), ..nobody() };
    assert_eq!(value(&only_spans, "request_trace_id_share_24h"), None);
}
