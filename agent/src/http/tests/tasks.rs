//! Connections and requests as tasks.

use std::{sync::Arc, thread};

use axum::{Router, routing::get};
use tokio::sync::{Notify, oneshot};

use super::{shop::Shop, spans::Spans};
use crate::tasks::{Form, dump};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A dump, taken beside the runtime that it tells of, once no other test has one taken.
async fn blocks() -> String {
    let (tell, told) = oneshot::channel();
    thread::spawn(move || {
        let dump = std::iter::repeat_with(|| dump(Form::Blocks, true, None)).flatten().next();
        tell.send(String::from_utf8(dump.unwrap().body).unwrap())
    });
    told.await.unwrap()
}

fn block<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split("\n\n").find(|block| block.lines().any(|line| line == format!("  name: {name}")))
}

#[tokio::test]
async fn a_request_is_a_task_that_tells_its_trace_and_where_it_waits() {
    let (_spans, _listening) = Spans::listen();
    let ready = Arc::<Notify>::default();
    let wait = Arc::clone(&ready);
    let waits = move || async move { wait.notified().await };
    let shop = Shop::open(|_| Router::new().route("/coffees/{id}/ready", get(waits))).await;
    let header = format!("traceparent: 00-{TRACE}-00f067aa0ba902b7-01");
    let _connection = shop.send("GET", "/coffees/7/ready", &[&header]).await;
    shop.wait_for_in_flight(1).await;
    let text = blocks().await;
    let request = block(&text, "GET /coffees/{id}/ready").unwrap_or_else(|| panic!("{text}"));
    assert!(request.contains(" [idle, "), "{request}");
    assert!(request.contains(&format!("  trace {TRACE}\n")), "{request}");
    #[cfg(target_os = "linux")]
    assert!(request.contains("a_request_is_a_task_that_tells_its_trace_and_where_it_waits"), "{request}");
    let connection = block(&text, "HTTP connection").unwrap();
    #[cfg(unix)]
    assert!(connection.contains("tokio::sync::notify"), "what the request waits for too: {connection}");
    assert!(!connection.contains("  trace "), "{connection}");
    ready.notify_one();
    shop.wait_for_in_flight(0).await;
    let text = blocks().await;
    assert_eq!(block(&text, "GET /coffees/{id}/ready"), None);
}
