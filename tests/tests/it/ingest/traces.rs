//! Spans in each of the forms that OTLP/HTTP has.

use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value as Any},
    trace::v1::{
        Span, Status,
        span::{Event, Link, SpanKind},
        status,
    },
};
use prost::Message;
use reqwest::StatusCode;
use seaworthy_tests::{Answer, Client, otlp};
use serde_json::{Value, json};

use super::{JSON, PROTOBUF, post_gzip};
use crate::portal;

const SPAN_ID: u64 = 0x051581bf3cb55c13;
const MILLISECOND: u64 = 1_000_000;

fn any(value: Any) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn attribute(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.into(), value: Some(any(value)), ..KeyValue::default() }
}

/// A span with something of everything.
fn rich(trace_id: [u8; 16], start: u64) -> ExportTraceServiceRequest {
    let list = vec![any(Any::IntValue(1)), any(Any::StringValue("two".into()))];
    let map = vec![attribute("a", Any::BoolValue(true))];
    let span = Span {
        trace_id: trace_id.into(),
        span_id: SPAN_ID.to_be_bytes().into(),
        name: "brew <b>".into(),
        kind: SpanKind::Consumer.into(),
        start_time_unix_nano: start,
        end_time_unix_nano: start + 12 * MILLISECOND + 1,
        attributes: vec![
            attribute("text", Any::StringValue("größer".into())),
            attribute("yes", Any::BoolValue(true)),
            attribute("int", Any::IntValue(-9_007_199_254_740_993)),
            attribute("double", Any::DoubleValue(0.25)),
            attribute("bytes", Any::BytesValue(vec![0xfb, 0xff])),
            attribute("list", Any::ArrayValue(ArrayValue { values: list })),
            attribute("no-list", Any::ArrayValue(ArrayValue::default())),
            attribute("map", Any::KvlistValue(KeyValueList { values: map })),
            KeyValue { key: "nothing".into(), ..KeyValue::default() },
        ],
        events: vec![Event {
            time_unix_nano: start + MILLISECOND,
            name: "out of milk".into(),
            attributes: vec![otlp::attribute("milk", "oat")],
            dropped_attributes_count: 1,
        }],
        links: vec![Link { trace_id: vec![7; 16], span_id: vec![8; 8], ..Link::default() }],
        dropped_attributes_count: 2,
        status: Some(Status { message: "no milk".into(), code: status::StatusCode::Error.into() }),
        ..Span::default()
    };
    otlp::spans("barista", vec![span])
}

/// The same in JSON, as encoders of protobuf write it: integers as strings, nothing for what is empty.
fn rich_json(trace_id: [u8; 16], start: u64) -> Value {
    json!({"resourceSpans": [{
        "resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": "barista"}},
            {"key": "service.instance.id", "value": {"stringValue": "tests-1"}},
        ]},
        "scopeSpans": [{"scope": {"name": "tests"}, "spans": [{
            "traceId": otlp::hex(&trace_id),
            "spanId": "051581BF3CB55C13",
            "name": "brew <b>",
            "kind": 5,
            "startTimeUnixNano": start.to_string(),
            "endTimeUnixNano": (start + 12 * MILLISECOND + 1).to_string(),
            "fieldOfTheFuture": {"ignored": [1, 2]},
            "attributes": [
                {"key": "text", "value": {"stringValue": "größer"}},
                {"key": "yes", "value": {"boolValue": true}},
                {"key": "int", "value": {"intValue": "-9007199254740993"}},
                {"key": "double", "value": {"doubleValue": 0.25}},
                {"key": "bytes", "value": {"bytesValue": "+/8="}},
                {"key": "list", "value": {"arrayValue": {"values": [{"intValue": 1}, {"stringValue": "two"}]}}},
                {"key": "no-list", "value": {"arrayValue": {}}},
                {"key": "map", "value": {"kvlistValue": {"values": [{"key": "a", "value": {"boolValue": true}}]}}},
                {"key": "nothing", "value": {}},
            ],
            "events": [{
                "timeUnixNano": (start + MILLISECOND).to_string(),
                "name": "out of milk",
                "attributes": [{"key": "milk", "value": {"stringValue": "oat"}}],
                "droppedAttributesCount": 1,
            }],
            "links": [{"traceId": "07".repeat(16), "spanId": "08".repeat(8)}],
            "droppedAttributesCount": 2,
            "status": {"message": "no milk", "code": 2},
        }]}],
    }]})
}

/// What the portal shows of a trace, but for its id.
async fn shown(reader: &Client, trace_id: [u8; 16]) -> Value {
    let mut trace = reader.json(&format!("/api/v1/traces/{}", otlp::hex(&trace_id))).await;
    assert_eq!(trace["trace_id"].take(), otlp::hex(&trace_id));
    trace
}

#[tokio::test]
async fn all_forms_say_the_same() {
    let portal = portal().await;
    let (sender, reader) = (portal.sender(), portal.reader());
    let start = otlp::now() - 60_000 * MILLISECOND;
    let ids = [(); 4].map(|()| otlp::trace_id());
    let protobuf = |id| rich(id, start).encode_to_vec();
    let json = |id| rich_json(id, start).to_string();
    let answers = [
        sender.post(otlp::TRACES, PROTOBUF, protobuf(ids[0])).await,
        post_gzip(&sender, otlp::TRACES, PROTOBUF, &protobuf(ids[1])).await,
        sender.post(otlp::TRACES, JSON, json(ids[2])).await,
        post_gzip(&sender, otlp::TRACES, "application/json; charset=utf-8", json(ids[3]).as_bytes()).await,
    ];
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    let kinds: Vec<_> = answers.iter().map(|answer| answer.header("content-type")).collect();
    assert_eq!(kinds, [PROTOBUF, PROTOBUF, JSON, JSON], "an answer has the form of the request");
    assert_eq!((answers[0].text(), answers[2].json()), (String::new(), json!({"partialSuccess": null})));

    let first = shown(&reader, ids[0]).await;
    let row = &first["rows"][0];
    let expected = json!({
        "span_id": "051581bf3cb55c13", "parent_span_id": null, "name": "brew <b>", "service": "barista",
        "instance": "tests-1", "kind": "consumer", "duration_nanos": 12_000_001, "error": true,
        "status_message": "no milk", "dropped": 2, "scope": "tests",
        "links": [{"trace_id": "07".repeat(16), "span_id": "08".repeat(8)}],
        "events": [{"offset_nanos": MILLISECOND, "name": "out of milk", "attributes": [{"key": "milk", "value": "oat"}]}],
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&row[key], value, "{key}");
    }
    let pairs = row["attributes"].as_array().unwrap().iter();
    let pairs: Vec<_> =
        pairs.map(|pair| (pair["key"].as_str().unwrap(), pair["value"].as_str().unwrap())).collect();
    let expected = [
        ("text", "größer"),
        ("yes", "true"),
        ("int", "-9007199254740993"),
        ("double", "0.25"),
        ("bytes", r#""fbff""#),
        ("list", r#"[1,"two"]"#),
        ("no-list", "[]"),
        ("map", r#"{"a":true}"#),
        ("nothing", "null"),
    ];
    assert_eq!(pairs, expected);
    for id in &ids[1..] {
        assert_eq!(shown(&reader, *id).await, first);
    }
}

/// What OTLP calls a partial success, in the form of the request.
fn partial_success(answer: &Answer) -> (i64, String) {
    let partial = match answer.header("content-type") {
        JSON => serde_json::from_slice::<ExportTraceServiceResponse>(&answer.body).unwrap(),
        _ => ExportTraceServiceResponse::decode(&answer.body[..]).unwrap(),
    };
    let partial = partial.partial_success.expect("a partial success");
    (partial.rejected_spans, partial.error_message)
}

#[tokio::test]
async fn spans_that_cannot_be_are_counted_by_reason_and_the_others_are_stored() {
    let portal = portal().await;
    let (id, good) = otlp::trace(1);
    let a_day = 86_400_000 * MILLISECOND;
    let bad = |change: fn(&mut Span)| {
        let mut span = good[0].clone();
        change(&mut span);
        span
    };
    let mut spans = vec![
        bad(|span| span.trace_id = vec![0; 16]),
        bad(|span| span.trace_id.truncate(15)),
        bad(|span| span.span_id = Vec::new()),
        bad(|span| span.parent_span_id = vec![1; 7]),
        good[0].clone(),
    ];
    for start in [otlp::now() - 15 * a_day, otlp::now() + a_day, 0] {
        spans.push(Span { name: "old".into(), start_time_unix_nano: start, ..good[0].clone() });
    }
    let request = otlp::spans("reception", spans);
    let (sender, reader) = (portal.sender(), portal.reader());
    let reasons = [
        r#"1 (first of "POST /orders"): its parent's id is not 8 bytes"#,
        r#"1 (first of "POST /orders"): its span id is not 8 bytes, or all of them are zero"#,
        r#"3 (first of "old"): its time is before what is kept or more than an hour ahead of the portal's clock"#,
        r#"2 (first of "POST /orders"): its trace id is not 16 bytes, or all of them are zero"#,
    ];
    let answers = [
        sender.post(otlp::TRACES, PROTOBUF, request.encode_to_vec()).await,
        sender.post(otlp::TRACES, JSON, serde_json::to_vec(&request).unwrap()).await,
    ];
    for answer in answers {
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(partial_success(&answer), (7, reasons.join("; ")));
    }
    assert_eq!(reader.json(&format!("/api/v1/traces/{id}")).await["spans"], 1, "sent twice, stored once");
}

#[tokio::test]
async fn a_request_without_spans_is_fine_and_a_service_without_a_name_has_one() {
    let portal = portal().await;
    let (sender, reader) = (portal.sender(), portal.reader());
    for (form, body) in [(PROTOBUF, ""), (JSON, "{}"), (JSON, r#"{"resourceSpans":[]}"#)] {
        let answer = sender.post(otlp::TRACES, form, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{form} {body:?}");
    }
    assert_eq!(reader.json("/api/v1/services").await["services"], json!([]));
    let (_, spans) = otlp::trace(1);
    let mut request = otlp::spans("", spans);
    request.resource_spans[0].resource = None;
    assert_eq!(sender.export(otlp::TRACES, &request).await.unwrap().status, StatusCode::OK);
    assert_eq!(reader.json("/api/v1/services").await["services"][0]["name"], "unknown_service");
}
