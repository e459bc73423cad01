//! What becomes of requests and calls: one trace over two servers, as the portal gets it.

use axum::{Router, extract::Path, routing::get};
use seaworthy_agent::{Handle, http::SendTraced};
use tokio::net::TcpListener;

use crate::{Portal, agent, eventually, portal::METRICS, shown, trace};

/// Serves the router until the test ends; gives its base URL.
async fn open(agent: &Handle, router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let agent = agent.clone();
    tokio::spawn(async move { agent.serve(listener, router).await });
    url
}

fn http() -> reqwest::Client {
    // The second call in a process finds the provider installed, which is as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn an_order_that_crosses_two_services_is_one_trace() {
    let portal = Portal::start();
    let agent = agent(&portal).start().unwrap();
    let traced = trace(&agent);
    let brew = |Path(drink): Path<String>| async move {
        tracing::info_span!("brew", drink).in_scope(|| format!("one {drink}"))
    };
    let barista = open(&agent, Router::new().route("/brews/{drink}", get(brew))).await;
    let handle = agent.handle();
    let order = move || async move {
        let answer = http().get(format!("{barista}/brews/latte?token=hush")).send_traced(&handle).await;
        answer.unwrap().text().await.unwrap()
    };
    let reception = open(&agent, Router::new().route("/orders", get(order))).await;
    let from = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = http().get(format!("{reception}/orders")).header("traceparent", from);
    let answer = request.header("x-request-id", "order-7").send().await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "order-7");
    assert_eq!(answer.text().await.unwrap(), "one latte");
    eventually("the spans arrive", || portal.names().len() == 4);
    drop((traced, agent));
    let spans = shown::spans(&portal.memory().traces);
    let ids: Vec<_> = spans.iter().map(|span| hex(&span.trace_id)).collect();
    assert_eq!(ids, ["0af7651916cd43dd8448eb211c80319c"; 4]);
    let tree = shown::tree(&portal.memory().traces);
    let names: Vec<_> = tree.lines().map(|line| line.split(')').next().unwrap_or_default()).collect();
    insta::assert_snapshot!(names.join("\n"), @"
    GET /orders (server from elsewhere
      GET (client
        GET /brews/{drink} (server
          brew (internal
    ");
    assert!(tree.contains("/brews/latte?token=REDACTED") && !tree.contains("hush"), "{tree}");
    assert!(tree.contains("http.request.id=\"order-7\""), "{tree}");
    assert!(!portal.attempts(METRICS).is_empty());
}

#[tokio::test]
async fn a_panic_is_told_with_the_request_that_it_ended() {
    let portal = Portal::start();
    let agent = agent(&portal).start().unwrap();
    let traced = trace(&agent);
    let line = line!() + 1;
    let panics = || async { panic!("the {} is empty", "tank") as &'static str };
    let passes_on = || async {
        match tokio::spawn(async { panic!("the mill jams") }).await {
            Err(error) => std::panic::resume_unwind(error.into_panic()),
            Ok(()) => "never",
        }
    };
    let router = Router::new().route("/panics", get(panics)).route("/passes-on", get(passes_on));
    let shop = open(&agent, router).await;
    for path in ["panics", "passes-on"] {
        http().get(format!("{shop}/{path}")).send().await.unwrap_err();
    }
    eventually("the spans arrive", || portal.names().len() == 2);
    drop((traced, agent));
    let tree = shown::tree(&portal.memory().traces);
    let told: Vec<_> = tree.lines().filter_map(|line| line.trim().strip_prefix("* exception ")).collect();
    let place = format!("code.file.path=\"{}\" code.line.number={line}", file!());
    let origin = "seaworthy.error.origin=\"panic\"";
    let exception = "level=\"ERROR\" target=\"seaworthy\" exception.message";
    // What was only passed on has its place elsewhere.
    assert_eq!(
        told,
        [
            format!("{exception}=\"the tank is empty\" exception.type=\"panic\" {place} {origin}"),
            format!("{exception}=\"the mill jams\" exception.type=\"panic\" {origin}"),
        ]
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
