//! What the server layer tells of each way in which a request can go.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::Body,
    response::IntoResponse,
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::StatusCode;
use tokio::{io::AsyncReadExt, net::TcpListener};

use super::{
    shop::Shop,
    spans::{Fields, Spans},
};
use crate::{Agent, http::RequestId, trace};

const PARENT: &str = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn traceparent() -> String {
    trace::current().map(|context| format!("trace {}", context.trace_id)).unwrap_or_default()
}

fn endless() -> Body {
    let frames = stream::repeat(Bytes::from_static(b"tick\n")).then(|tick| async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok::<_, Infallible>(tick)
    });
    Body::from_stream(frames)
}

fn broken() -> Body {
    let frames = [Ok(Bytes::from_static(b"half")), Err("the rest is missing")];
    Body::from_stream(stream::iter(frames))
}

fn router() -> Router {
    Router::new()
        .route("/orders/{id}", get(traceparent))
        .route("/id", get(|id: RequestId| async move { id.to_string() }))
        .route("/empty", post(|| async { StatusCode::NO_CONTENT }))
        .route("/teapot", get(|| async { StatusCode::IM_A_TEAPOT }))
        .route("/fails", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route(
            "/panics",
            get(|| async {
                panic!("on purpose");
                #[allow(unreachable_code)]
                ()
            }),
        )
        .route("/hangs", get(std::future::pending::<()>))
        .route("/endless", get(|| async { endless() }))
        .route("/broken", get(|| async { broken() }))
        .nest("/nested", Router::new().route("/{name}", get(|| async { "nested" })))
}

fn only(mut spans: Vec<Fields>) -> Fields {
    assert_eq!(spans.len(), 1, "{spans:?}");
    let mut span = spans.remove(0);
    assert_eq!(span.remove("http.request.id").unwrap().len(), 32);
    span
}

#[tokio::test]
async fn a_request_has_a_span_by_the_semantic_conventions() {
    let (spans, _guard) = Spans::listen();
    let shop = Shop::open(|_| router()).await;
    shop.ask("GET", "/orders/7?page=2&token=hush", &["user-agent: curl/8"]).await;
    insta::assert_debug_snapshot!(only(spans.take(1).await), @r#"
    {
        "client.address": "127.0.0.1",
        "http.request.method": "GET",
        "http.response.status_code": "200",
        "http.route": "/orders/{id}",
        "network.protocol.version": "1.1",
        "otel.kind": "server",
        "otel.name": "GET /orders/{id}",
        "server.address": "shop.example",
        "server.port": "80",
        "url.path": "/orders/7",
        "url.query": "page=2&token=REDACTED",
        "url.scheme": "http",
        "user_agent.original": "curl/8",
    }
    "#);
    insta::assert_debug_snapshot!(shop.ended(), @r#"
    [
        "{http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/orders/{id}\"} 1",
    ]
    "#);
}

#[tokio::test]
async fn what_no_route_matches_has_no_route() {
    let (spans, _guard) = Spans::listen();
    let shop = Shop::open(|_| router()).await;
    shop.ask("BREW", "/etc/passwd", &[]).await;
    let span = only(spans.take(1).await);
    assert_eq!((&*span["otel.name"], span.get("http.route")), ("HTTP", None));
    assert_eq!((&*span["http.request.method"], &*span["http.request.method_original"]), ("_OTHER", "BREW"));
    insta::assert_debug_snapshot!(shop.ended(), @r#"
    [
        "{http_request_method=\"_OTHER\",http_response_status_code=\"404\"} 1",
    ]
    "#);
}

#[tokio::test]
async fn a_request_continues_the_trace_of_its_client_and_begins_one_where_there_is_none() {
    let (_spans, _guard) = Spans::listen();
    let shop = Shop::open(|_| router()).await;
    let answer = shop.ask("GET", "/orders/7", &[PARENT]).await;
    assert!(answer.ends_with("trace 0af7651916cd43dd8448eb211c80319c"), "{answer}");
    for malformed in ["traceparent: 00-xyz-1-01", "traceparent: \u{e9}", "tracestate: a=1"] {
        let answer = shop.ask("GET", "/orders/7", &[malformed]).await;
        assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("0af7651916cd43dd"), "{answer}");
        assert!(answer.contains("trace "), "{answer}");
    }
}

#[tokio::test]
async fn the_request_id_is_taken_over_handed_on_and_returned() {
    let (spans, _guard) = Spans::listen();
    let shop = Shop::open(|_| router()).await;
    let answer = shop.ask("GET", "/id", &["x-request-id: from-the-client/1"]).await;
    assert!(answer.contains("x-request-id: from-the-client/1\r\n"), "{answer}");
    assert!(answer.ends_with("from-the-client/1"), "{answer}");
    assert_eq!(spans.take(1).await[0]["http.request.id"], "from-the-client/1");
    let answer = shop.ask("GET", "/id", &["x-request-id: two words"]).await;
    assert!(!answer.contains("two words"), "{answer}");
}

#[tokio::test]
async fn every_end_of_a_request_is_told_apart() {
    let (spans, _guard) = Spans::listen();
    let shop = Shop::open(|_| router()).await;
    shop.ask("GET", "/teapot", &[]).await;
    shop.ask("GET", "/fails", &[]).await;
    shop.ask("GET", "/panics", &[]).await;
    shop.ask("GET", "/broken", &[]).await;
    shop.ask("HEAD", "/orders/7", &[]).await;
    shop.ask("POST", "/empty", &[]).await;
    shop.ask("GET", "/nested/x", &[]).await;
    let hangs = shop.send("GET", "/hangs", &[]).await;
    shop.wait_for_in_flight(1).await;
    drop(hangs);
    shop.wait_for_in_flight(0).await;
    let mut endless = shop.send("GET", "/endless", &[]).await;
    endless.read_exact(&mut [0; 200]).await.unwrap();
    assert_eq!(shop.agent.requests_in_flight(), 1);
    drop(endless);
    shop.wait_for_in_flight(0).await;
    let of = |span: &Fields, name: &str| span.get(name).cloned().unwrap_or_else(|| "-".to_owned());
    let told: Vec<_> = spans
        .take(9)
        .await
        .iter()
        .map(|span| {
            ["otel.name", "http.response.status_code", "error.type", "otel.status_code"]
                .map(|name| of(span, name))
                .join(" | ")
        })
        .collect();
    insta::assert_debug_snapshot!(told, @r#"
    [
        "GET /teapot | 418 | - | -",
        "GET /fails | 503 | 503 | error",
        "GET /panics | 500 | panic | error",
        "GET /broken | 200 | body | error",
        "HEAD /orders/{id} | 200 | - | -",
        "POST /empty | 204 | - | -",
        "GET /nested/{name} | 200 | - | -",
        "GET /hangs | - | cancelled | -",
        "GET /endless | 200 | cancelled | -",
    ]
    "#);
    insta::assert_debug_snapshot!(shop.ended(), @r#"
    [
        "{error_type=\"503\",http_request_method=\"GET\",http_response_status_code=\"503\",http_route=\"/fails\"} 1",
        "{error_type=\"body\",http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/broken\"} 1",
        "{error_type=\"cancelled\",http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/endless\"} 1",
        "{error_type=\"cancelled\",http_request_method=\"GET\",http_route=\"/hangs\"} 1",
        "{error_type=\"panic\",http_request_method=\"GET\",http_response_status_code=\"500\",http_route=\"/panics\"} 1",
        "{http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/nested/{name}\"} 1",
        "{http_request_method=\"GET\",http_response_status_code=\"418\",http_route=\"/teapot\"} 1",
        "{http_request_method=\"HEAD\",http_response_status_code=\"200\",http_route=\"/orders/{id}\"} 1",
        "{http_request_method=\"POST\",http_response_status_code=\"204\",http_route=\"/empty\"} 1",
    ]
    "#);
    assert!(shop.metrics("http_server_active_requests{").iter().all(|line| line.ends_with(" 0")));
}

#[tokio::test]
async fn a_layer_around_the_router_learns_the_route_from_the_one_inside() {
    let (spans, _guard) = Spans::listen();
    let shop = Shop::open(|agent| {
        let inner = Router::new().route("/{name}", get(|| async { "inner" })).layer(agent.layer());
        Router::new().nest_service("/outer", inner)
    })
    .await;
    shop.ask("GET", "/outer/x", &[]).await;
    assert_eq!(only(spans.take(1).await)["otel.name"], "GET /outer/{name}");
    insta::assert_debug_snapshot!(shop.ended(), @r#"
    [
        "{http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/outer/{name}\"} 1",
    ]
    "#);
}

#[tokio::test]
async fn a_request_lasts_until_the_last_byte_of_its_answer() {
    let slow = || async {
        let frames = stream::iter(0..5).then(|_| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, Infallible>("drop ")
        });
        Body::from_stream(frames).into_response()
    };
    let shop = Shop::open(|_| Router::new().route("/slow", get(slow))).await;
    shop.ask("GET", "/slow", &[]).await;
    shop.wait_for_in_flight(0).await;
    let sum = &shop.metrics("http_server_request_duration_seconds_sum")[0];
    let seconds: f64 = sum.rsplit_once(' ').unwrap().1.parse().unwrap();
    assert!((0.1..1.0).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_disabled_agent_serves_and_drains_all_the_same() {
    let agent = Agent::builder("shop").disabled(true).drain_delay(Duration::ZERO).start().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, handle) = (listener.local_addr().unwrap(), agent.handle());
    let served = tokio::spawn(async move { handle.serve(listener, router()).await });
    let shop = Shop { agent, address, served };
    let answer = shop.ask("GET", "/id", &["x-request-id: seven"]).await;
    assert!(answer.ends_with("seven"), "{answer}");
    shop.agent.shut_down();
    assert_eq!(shop.served.await.unwrap().finished, 0);
}

#[tokio::test]
async fn a_load_test_is_marked_where_a_header_for_it_was_named() {
    let agent = Agent::builder("shop")
        .load_test_header("X-Load-Test")
        .drain_delay(Duration::ZERO)
        .shutdown_timeout(Duration::from_millis(200))
        .without_subscriber()
        .start()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, handle) = (listener.local_addr().unwrap(), agent.handle());
    let served = tokio::spawn(async move { handle.serve(listener, router().layer(handle.layer())).await });
    let shop = Shop { agent, address, served };
    shop.ask("GET", "/teapot", &["x-load-test: 1"]).await;
    shop.ask("GET", "/teapot", &[]).await;
    shop.wait_for_in_flight(0).await;
    let counts = shop.metrics("http_server_request_duration_seconds_count");
    let marked = counts.iter().filter(|line| line.contains("user_agent_synthetic_type=\"test\"")).count();
    assert_eq!((counts.len(), marked), (2, 1), "{counts:?}");
}

#[test]
fn a_wrong_name_of_the_header_for_load_tests_is_an_error_that_names_the_setting() {
    let error = Agent::builder("shop").load_test_header("x load").start().unwrap_err().to_string();
    assert!(error.contains("Builder::load_test_header is \"x load\""), "{error}");
}
