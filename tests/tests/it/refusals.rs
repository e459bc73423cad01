//! Bad input: the right status, a message that names the input and the remedy, and nothing changed.

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, ArrayValue, KeyValue, any_value::Value as Any},
};
use prost::Message;
use reqwest::{Body, Method, StatusCode};
use seaworthy_tests::{Answer, Client, LOGIN, PASSWORD, Portal, otlp};
use serde_json::{Value, json};

use crate::{gzip, portal};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const CHECK_IN: &str = "/api/v1/check-in";
const MIB: usize = 1 << 20;

/// What the portal knows: services and when they were last heard of, instances, and traces.
async fn known(reader: &Client) -> Value {
    let fleet = reader.json("/api/v1/services").await;
    let services: Vec<_> = fleet["services"].as_array().unwrap().iter().map(known_of_service).collect();
    json!({
        "services": services,
        "instances": fleet["total"]["instances_expected"],
        "traces": reader.json("/api/v1/traces").await["traces"],
    })
}

fn known_of_service(service: &Value) -> Value {
    json!([service["name"], service["last_seen_at"], service["health"]["instances_expected"]])
}

/// A portal that knows one trace of one service.
async fn portal_with_a_trace() -> Portal {
    let portal = portal().await;
    let (_, spans) = otlp::trace(3);
    let answer = portal.sender().export(otlp::TRACES, &otlp::spans("reception", spans)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    portal
}

/// Asserts status and message.
#[track_caller]
fn assert_refused(what: &str, answer: &Answer, status: StatusCode, messages: &[&str]) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    for message in messages {
        assert!(answer.text().contains(message), "{what}: no {message:?} in {}", answer.text());
    }
}

/// An array in an array in an array …
fn deep(levels: usize) -> ExportTraceServiceRequest {
    let mut value = AnyValue { value: Some(Any::IntValue(1)) };
    for _ in 0..levels {
        value = AnyValue { value: Some(Any::ArrayValue(ArrayValue { values: vec![value] })) };
    }
    let (_, mut spans) = otlp::trace(1);
    spans[0].attributes = vec![KeyValue { key: "deep".into(), value: Some(value), ..KeyValue::default() }];
    otlp::spans("reception", spans)
}

/// What is wrong; content type, content encoding and body; status and messages.
type Case<'a> = (&'a str, &'a str, Option<&'a str>, &'a [u8], StatusCode, &'a [&'a str]);

#[tokio::test]
async fn bodies_that_are_no_otlp_are_refused_whole() {
    let portal = portal_with_a_trace().await;
    let (sender, reader) = (portal.sender(), portal.reader());
    let before = known(&reader).await;
    let (_, spans) = otlp::trace(20);
    let good = otlp::spans("intruder", spans).encode_to_vec();
    let (deep, zipped, no_json) = (deep(300).encode_to_vec(), gzip(&good), gzip(b"{"));
    let bad = StatusCode::BAD_REQUEST;
    let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let known_types = "send application/x-protobuf or application/json";
    let not_otlp = "the body is not the OTLP message that belongs here";
    let wrong_id = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}"#;
    let cases: &[Case<'_>] = &[
        ("truncated", PROTOBUF, None, &good[..good.len() - 1], bad, &[not_otlp]),
        ("noise", PROTOBUF, None, &[0xff; 100], bad, &[not_otlp]),
        ("deep", PROTOBUF, None, &deep, bad, &[not_otlp, "recursion"]),
        ("protobuf as JSON", JSON, None, &good, bad, &[not_otlp]),
        ("JSON as protobuf", PROTOBUF, None, b"{\"resourceSpans\":[]}", bad, &[not_otlp]),
        ("truncated JSON", JSON, None, b"{\"resourceSpans\":[", bad, &[not_otlp, "column 18"]),
        ("a list", JSON, None, b" []", bad, &[not_otlp, "no JSON object"]),
        ("a number", JSON, None, b"{\"resourceSpans\":1}", bad, &[not_otlp, "expected a sequence"]),
        ("wrong id", JSON, None, wrong_id.as_bytes(), bad, &[not_otlp]),
        ("deep JSON", JSON, None, &[b'['; 10_000], bad, &[not_otlp]),
        ("no UTF-8", JSON, None, b"{\"\xff\":1}", bad, &[not_otlp]),
        ("text", "text/plain", None, &good, unsupported, &["text/plain", known_types]),
        ("form", "application/x-www-form-urlencoded", None, b"a=b", unsupported, &[known_types]),
        ("brotli", PROTOBUF, Some("br"), &good, unsupported, &["\"br\"", "send gzip or none"]),
        ("no gzip", PROTOBUF, Some("gzip"), &good, bad, &["not valid gzip"]),
        ("truncated gzip", PROTOBUF, Some("gzip"), &zipped[..30], bad, &["not valid gzip"]),
        ("noise in gzip", JSON, Some("GZip"), &no_json, bad, &[not_otlp]),
    ];
    for path in [otlp::TRACES, otlp::METRICS] {
        for (what, content_type, encoding, body, status, messages) in cases {
            let request = sender.request(Method::POST, path).header("content-type", *content_type);
            let request =
                encoding.iter().fold(request, |request, it| request.header("content-encoding", *it));
            let answer = Answer::to(request.body(body.to_vec())).await;
            if path == otlp::TRACES || !["deep", "wrong id", "a number"].contains(what) {
                assert_refused(&format!("{path} {what}"), &answer, *status, messages);
            }
        }
        let answer = Answer::to(sender.request(Method::POST, path).body(good.clone())).await;
        assert_refused(path, &answer, unsupported, &["the content type is missing", known_types]);
    }
    assert_eq!(known(&reader).await, before);
}

/// In pieces whose number is not announced.
fn unannounced(body: Vec<u8>) -> Body {
    let parts: Vec<_> = body.chunks(MIB).map(|part| Ok::<_, std::io::Error>(part.to_vec())).collect();
    Body::wrap_stream(futures_util::stream::iter(parts))
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_takes_the_memory() {
    let portal = portal_with_a_trace().await;
    let (sender, reader) = (portal.sender(), portal.reader());
    let before = known(&reader).await;
    let too_large = StatusCode::PAYLOAD_TOO_LARGE;
    let remedy = "larger than 64 MiB";
    for path in [otlp::TRACES, otlp::METRICS] {
        let answer = sender.post(path, PROTOBUF, vec![0; 65 * MIB]).await;
        assert_refused("announced", &answer, too_large, &[remedy, "as sent", "send smaller batches"]);
        let answer = sender.post(path, PROTOBUF, unannounced(vec![0; 65 * MIB])).await;
        assert_refused("unannounced", &answer, too_large, &[remedy, "as sent", "send smaller batches"]);
        let bomb = sender.request(Method::POST, path).header("content-type", PROTOBUF);
        let answer =
            Answer::to(bomb.header("content-encoding", "gzip").body(gzip(&vec![0; 200 * MIB]))).await;
        assert_refused("gzip bomb", &answer, too_large, &[remedy, "when inflated", "send smaller batches"]);
    }
    let answer = sender.post(CHECK_IN, JSON, vec![b' '; 2 * MIB]).await;
    assert_refused("check-in", &answer, too_large, &["too large", "1024 KiB", "Nothing was changed"]);
    let peak = portal.peak_memory_bytes();
    assert!(peak < 300 * MIB as u64, "{} MiB", peak / MIB as u64);
    assert_eq!(known(&reader).await, before);
}

/// Two bytes of an empty span become hundreds in memory.
#[tokio::test]
async fn what_would_take_the_memory_once_decoded_is_refused() {
    let portal = portal_with_a_trace().await;
    let (sender, reader) = (portal.sender(), portal.reader());
    let before = known(&reader).await;
    let nested = |field: u8, inner: Vec<u8>| {
        let mut outer = vec![field << 3 | 2];
        prost::encoding::encode_varint(inner.len() as u64, &mut outer);
        [outer, inner].concat()
    };
    let empty_spans = nested(1, nested(2, [0x12, 0].repeat(8 * MIB)));
    let empty_attributes = nested(1, nested(2, nested(2, [0x4a, 0].repeat(8 * MIB))));
    let empty_points = nested(1, nested(2, nested(2, nested(5, [0x0a, 0].repeat(8 * MIB)))));
    let empty_objects = format!(r#"{{"resourceSpans":[{{}}{}]}}"#, ",{}".repeat(8 * MIB)).into_bytes();
    for (what, path, content_type, body) in [
        ("spans", otlp::TRACES, PROTOBUF, empty_spans),
        ("attributes", otlp::TRACES, PROTOBUF, empty_attributes),
        ("points", otlp::METRICS, PROTOBUF, empty_points),
        ("objects", otlp::TRACES, JSON, empty_objects),
    ] {
        let request = sender.request(Method::POST, path).header("content-type", content_type);
        let answer = Answer::to(request.header("content-encoding", "gzip").body(gzip(&body))).await;
        let messages = ["MiB once decoded", "send smaller batches"];
        assert_refused(what, &answer, StatusCode::PAYLOAD_TOO_LARGE, &messages);
        let peak = portal.peak_memory_bytes();
        assert!(peak < 400 * MIB as u64, "{what}: {} MiB", peak / MIB as u64);
    }
    assert_eq!(known(&reader).await, before);
}

#[tokio::test]
async fn check_ins_that_are_none_are_refused() {
    let portal = portal_with_a_trace().await;
    let (sender, reader) = (portal.sender(), portal.reader());
    let before = known(&reader).await;
    for (body, message) in [
        ("", "EOF"),
        ("[]", "invalid length 0"),
        ("{\"service\":\"reception\"}", "missing field `instance`"),
        ("{\"service\":1}", "invalid type: integer `1`, expected a string"),
    ] {
        let answer = sender.post(CHECK_IN, JSON, body).await;
        let messages = ["This is not a check-in", message, "Nothing was changed"];
        assert_refused(body, &answer, StatusCode::BAD_REQUEST, &messages);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    assert_eq!(known(&reader).await, before);
}

#[tokio::test]
async fn nobody_sends_without_a_token_that_works() {
    let portal = portal_with_a_trace().await;
    let reader = portal.reader();
    let mut admin = portal.visitor();
    admin.sign_in(LOGIN, PASSWORD).await;
    let revoked = admin.make_token("ingest").await;
    let page = admin.get("/settings/tokens").await.text();
    let latest = page
        .split("/settings/tokens/")
        .filter_map(|rest| rest.split_once("/revoke")?.0.parse::<u64>().ok())
        .max();
    let answer = admin.post(&format!("/settings/tokens/{}/revoke", latest.unwrap()), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);

    let before = known(&reader).await;
    let (_, spans) = otlp::trace(1);
    let body = otlp::spans("intruder", spans).encode_to_vec();
    let mistyped = format!("{}x", portal.ingest_token);
    let much = [body.clone(), vec![0; 8 * MIB]].concat();
    for (who, token, status, message) in [
        ("nobody", None, StatusCode::UNAUTHORIZED, "Authorization: Bearer"),
        ("unknown", Some(mistyped.as_str()), StatusCode::UNAUTHORIZED, "mistyped or was revoked"),
        ("revoked", Some(revoked.as_str()), StatusCode::UNAUTHORIZED, "mistyped or was revoked"),
        ("reader", Some(portal.read_token.as_str()), StatusCode::FORBIDDEN, "scope ingest is needed"),
    ] {
        for path in [otlp::TRACES, otlp::METRICS, CHECK_IN] {
            let answer = Client::new(portal.url(), token).post(path, PROTOBUF, body.clone()).await;
            assert_refused(&format!("{who} {path}"), &answer, status, &[message]);
            let answer = Client::new(portal.url(), token).post(path, PROTOBUF, much.clone()).await;
            assert_refused(&format!("{who} {path} much"), &answer, status, &[message]);
        }
    }
    assert_eq!(known(&reader).await, before);
}

#[tokio::test]
async fn a_form_without_its_token_or_session_changes_nothing() {
    let portal = portal().await;
    let mut admin = portal.visitor();
    admin.sign_in(LOGIN, PASSWORD).await;
    admin.get("/settings/people").await;
    let invitation = [("name", "Mallory"), ("login", "mallory"), ("role", "admin")];
    let ours = admin.form_token.clone();
    for (what, token, messages) in [
        ("missing", "", ["This form cannot be trusted", "Nothing was changed"]),
        ("of another", &"0".repeat(64), ["This form cannot be trusted", "reload the page"]),
    ] {
        token.clone_into(&mut admin.form_token);
        let answer = admin.post("/settings/people", &invitation).await;
        assert_refused(what, &answer, StatusCode::FORBIDDEN, &messages);
    }
    let mut stale = admin.clone();
    ours.clone_into(&mut admin.form_token);
    assert_eq!(admin.post("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    ours.clone_into(&mut stale.form_token);
    let answer = stale.post("/settings/people", &invitation).await;
    assert_refused(
        "session",
        &answer,
        StatusCode::FORBIDDEN,
        &["not signed in any more", "Nothing was changed"],
    );

    admin.sign_in(LOGIN, PASSWORD).await;
    let people = admin.get("/settings/people").await.text();
    assert!(people.contains(LOGIN) && !people.contains("mallory"), "{people}");
}
