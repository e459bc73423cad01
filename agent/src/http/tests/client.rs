//! What is told of outgoing requests, and that they carry the context.

use std::time::Duration;

use axum::{Router, body::Body, routing::get};
use http::{HeaderMap, Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt, service_fn};
use tracing::Instrument;

use super::{shop::Shop, spans::Spans};
use crate::{http::SendTraced, trace};

fn http() -> reqwest::Client {
    // The second call in a process finds the provider installed, which is as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn parent_of(headers: HeaderMap) -> String {
    headers.get("traceparent").map(|parent| parent.to_str().unwrap().to_owned()).unwrap_or_default()
}

fn router() -> Router {
    Router::new()
        .route("/parent", get(parent_of))
        .route("/gone", get(|| async { StatusCode::GONE }))
        .route("/hangs", get(std::future::pending::<()>))
}

#[tokio::test]
async fn a_call_is_a_client_span_whose_context_the_server_gets() {
    let (spans, _guard) = Spans::listen();
    let shop = Shop::open(|_| router()).await;
    let url = format!("http://me:hush@{}/parent?q=1&token=hush", shop.address);
    let work = tracing::info_span!("work");
    let trace_id = trace::context_of(&work).unwrap().trace_id.to_string();
    let answer = http().get(url).send_traced(&shop.agent).instrument(work).await.unwrap();
    let parent = answer.text().await.unwrap();
    assert_eq!(parent[3..35], trace_id);
    let mut spans = spans.take(2).await;
    let at = spans.iter().position(|span| span["otel.kind"] == "client").unwrap();
    let mut call = spans.remove(at);
    call.insert("server.port".into(), "PORT".into());
    let url = call.get_mut("url.full").unwrap();
    *url = url.replace(&shop.address.port().to_string(), "PORT");
    insta::assert_debug_snapshot!(call, @r#"
    {
        "http.request.method": "GET",
        "http.response.status_code": "200",
        "otel.kind": "client",
        "otel.name": "GET",
        "server.address": "127.0.0.1",
        "server.port": "PORT",
        "url.full": "http://127.0.0.1:PORT/parent?q=1&token=REDACTED",
    }
    "#);
}

#[tokio::test]
async fn statuses_and_missing_answers_are_errors() {
    let (_spans, _guard) = Spans::listen();
    let shop = Shop::open(|_| router()).await;
    let (http, base) = (http(), format!("http://{}", shop.address));
    http.get(format!("{base}/gone")).send_traced(&shop.agent).await.unwrap();
    let late = http.get(format!("{base}/hangs")).timeout(Duration::from_millis(50));
    assert!(late.send_traced(&shop.agent).await.unwrap_err().is_timeout());
    let dropped = http.get(format!("{base}/hangs")).send_traced(&shop.agent);
    assert!(tokio::time::timeout(Duration::from_millis(50), dropped).await.is_err());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    http.post(format!("http://{nobody}/")).send_traced(&shop.agent).await.unwrap_err();
    let ports = [(shop.address.port(), "SHOP"), (nobody.port(), "NOBODY")];
    let mut told = shop.metrics("http_client_request_duration_seconds_count");
    for (port, name) in ports {
        told.iter_mut().for_each(|line| *line = line.replace(&format!("\"{port}\""), name));
    }
    told.sort();
    insta::assert_debug_snapshot!(told, @r#"
    [
        "{error_type=\"410\",http_request_method=\"GET\",http_response_status_code=\"410\",server_address=\"127.0.0.1\",server_port=SHOP} 1",
        "{error_type=\"cancelled\",http_request_method=\"GET\",server_address=\"127.0.0.1\",server_port=SHOP} 1",
        "{error_type=\"connect\",http_request_method=\"POST\",server_address=\"127.0.0.1\",server_port=NOBODY} 1",
        "{error_type=\"timeout\",http_request_method=\"GET\",server_address=\"127.0.0.1\",server_port=SHOP} 1",
    ]
    "#);
}

#[tokio::test]
async fn a_tower_client_carries_the_context_too() {
    let (spans, _guard) = Spans::listen();
    let shop = Shop::open(|_| router()).await;
    let server = service_fn(|request: Request<Body>| async move {
        match request.uri().path() {
            "/fails" => Err(std::io::Error::other("cable cut")),
            _ => Ok(Response::new(parent_of(request.headers().clone()).await)),
        }
    });
    let mut client = shop.agent.client_layer().layer(server);
    let request =
        |path: &str| Request::get(format!("https://barista.example{path}")).body(Body::empty()).unwrap();
    let answer = client.ready().await.unwrap().call(request("/")).await.unwrap();
    assert_eq!(answer.body().len(), 55);
    client.ready().await.unwrap().call(request("/fails")).await.unwrap_err();
    let failed = &spans.take(2).await[1];
    assert_eq!(
        (&*failed["error.type"], &*failed["otel.status_message"]),
        ("std::io::error::Error", "cable cut")
    );
    assert_eq!((&*failed["server.address"], &*failed["server.port"]), ("barista.example", "443"));
}
