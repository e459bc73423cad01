//! From requests that fail to a receiver that is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, routing::post};
use reqwest::{Method, StatusCode};
use seaworthy_tests::{LOGIN, PASSWORD, Portal, Visitor, eventually, otlp};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::SEAWORTHY;

/// A receiver of webhooks, and what it was told.
#[derive(Clone, Default)]
pub(super) struct Receiver(Arc<Mutex<Vec<Value>>>);

impl Receiver {
    /// Where nobody listens, until somebody does.
    pub(super) async fn nobody() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    pub(super) async fn at(address: SocketAddr) -> Self {
        let receiver = Self::default();
        let take = async |State(receiver): State<Self>, Json(told): Json<Value>| {
            receiver.0.lock().unwrap().push(told)
        };
        let router = Router::new().fallback(post(take)).with_state(receiver.clone());
        let listener = TcpListener::bind(address).await.unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    pub(super) fn told(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }
}

/// Nobody answers anything but errors for the last six minutes.
async fn all_fails(portal: &Portal, service: &str) {
    let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let point = |ago: u64| {
        let at = |seconds: u64| (otlp::now() - (ago * 60 - seconds) * 1_000_000_000).to_string();
        json!({
            "attributes": [attribute("http.response.status_code", "500")],
            "startTimeUnixNano": at(1), "timeUnixNano": at(30),
            "count": "1000", "sum": 1, "bucketCounts": ["1000", "0"], "explicitBounds": [0.25],
        })
    };
    let points: Vec<Value> = (1..=6).map(point).collect();
    let body = json!({"resourceMetrics": [{
        "resource": {"attributes": [attribute("service.name", service)]},
        "scopeMetrics": [{"metrics": [{"name": "http.server.request.duration", "unit": "s",
            "histogram": {"aggregationTemporality": 1, "dataPoints": points}}]}],
    }]});
    let answer = portal.sender().request(Method::POST, otlp::METRICS).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

/// Sends a form of this page, which must be taken.
pub(super) async fn send(visitor: &mut Visitor, page: &str, to: &str, fields: &[(&str, &str)]) {
    assert_eq!(visitor.get(page).await.status, StatusCode::OK, "{page}");
    let answer = visitor.post(to, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{to}: {}", answer.text());
}

/// A portal in which an SLO burns, and that has begun to tell two channels of it: `on-call` at this address, and `team`,
/// where nobody is.
pub(super) async fn burning(on_call: SocketAddr) -> (Portal, Visitor) {
    let mut portal = Portal::start(SEAWORTHY, &["--allow-outgoing", "127.0.0.1/32"]).await;
    let mut admin = portal.visitor();
    admin.sign_in(LOGIN, PASSWORD).await;
    let url = format!("http://{on_call}/hook");
    let webhook = [("kind", "webhook"), ("name", "on-call"), ("least_severity", "ticket"), ("url", &*url)];
    send(&mut admin, "/settings/channels/new?kind=webhook", "/settings/channels/new", &webhook).await;
    let url = format!("http://{}/services/T0/B0", Receiver::nobody().await);
    let slack = [
        ("kind", "slack"),
        ("name", "team"),
        ("least_severity", "page"),
        ("services", "reception"),
        ("url", &*url),
    ];
    send(&mut admin, "/settings/channels/new?kind=slack", "/settings/channels/new", &slack).await;
    let slo = [
        ("name", "orders-availability"),
        ("service", "reception"),
        ("title", "Orders are taken"),
        ("kind", "availability"),
        ("objective", "99.9"),
        ("window", "30d"),
        ("page_1h", "on"),
        ("least_failures", "5"),
    ];
    send(&mut admin, "/slos/new", "/slos", &slo).await;
    all_fails(&portal, "reception").await;
    // It evaluates when it starts, and then every minute.
    portal.stop();
    portal.start_again();
    eventually("both channels have something to tell", async || {
        let view = portal.reader().json("/api/v1/channels").await;
        let channels = view["channels"].as_array().unwrap();
        channels
            .iter()
            .all(|channel| channel["waiting"] == 1 || !channel["last_delivered_at"].is_null())
            .then_some(())
    })
    .await;
    (portal, admin)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_is_killed_between_firing_and_telling_tells_when_it_is_back() {
    let address = Receiver::nobody().await;
    let (mut portal, _) = burning(address).await;
    let channel = portal.reader().json("/api/v1/channels/on-call").await;
    assert_eq!((&channel["waiting"], &channel["last_delivered_at"]), (&json!(1), &Value::Null));
    portal.kill();
    let receiver = Receiver::at(address).await;
    portal.start_again();
    eventually("the receiver is told", async || receiver.told().pop()).await;
    let told = &receiver.told()[0];
    assert_eq!(
        (&told["status"], &told["version"], &told["receiver"]),
        (&json!("firing"), &json!("4"), &json!("on-call"))
    );
    assert_eq!(told["commonLabels"]["service"], "reception");
    assert_eq!(told["commonLabels"]["severity"], "page");
    let again = eventually("it is noted", async || {
        let channel = portal.reader().json("/api/v1/channels/on-call").await;
        (channel["state"] == "working").then_some(channel)
    });
    assert_eq!(again.await["waiting"], 0);

    // Whoever got the letter says that they see to it, without signing in.
    let link = told["commonAnnotations"]["acknowledge_url"].as_str().unwrap();
    let path = link.strip_prefix(portal.url()).unwrap();
    let mut stranger = portal.visitor();
    assert_eq!(stranger.get(path).await.status, StatusCode::OK);
    let answer = stranger.post(path, &[]).await;
    assert!(answer.text().contains("The alert is acknowledged"), "{}", answer.text());
}
