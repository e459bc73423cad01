//! Traces across processes.

use reqwest::{Method, StatusCode};
use seaworthy_tests::{Answer, Client, eventually};
use serde_json::Value;

use crate::{kiosk, portal};

/// The rows of a trace, as `service: name`, in the order of its tree.
fn rows(trace: &Value) -> Vec<String> {
    let rows = trace["rows"].as_array().unwrap().iter();
    rows.map(|row| format!("{}: {}", row["service"].as_str().unwrap(), row["name"].as_str().unwrap()))
        .collect()
}

/// What the portal has of a trace, once it has so many spans.
async fn trace(reader: &Client, id: &str, spans: usize) -> Value {
    eventually(&format!("trace {id} has {spans} spans"), async || {
        let trace = reader.get(&format!("/api/v1/traces/{id}")).await;
        (trace.status == StatusCode::OK).then(|| trace.json()).filter(|trace| trace["spans"] == spans)
    })
    .await
}

#[tokio::test]
async fn an_order_is_one_trace_over_two_processes() {
    let portal = portal().await;
    let barista = kiosk("barista", &portal, None);
    let reception = kiosk("reception", &portal, Some(&barista));
    let id = "0af7651916cd43dd8448eb211c80319c";
    let order = Client::new(&reception.url, None).request(Method::GET, "/orders/espresso");
    let answer = Answer::to(order.header("traceparent", format!("00-{id}-b7ad6b7169203331-01"))).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "one espresso".to_owned()));

    let trace = trace(&portal.reader(), id, 4).await;
    let expected =
        ["reception: GET /orders/{drink}", "reception: GET", "barista: GET /orders/{drink}", "barista: brew"];
    assert_eq!(rows(&trace), expected);
    let depths: Vec<_> = trace["rows"].as_array().unwrap().iter().map(|row| row["depth"].clone()).collect();
    assert_eq!(depths, [0, 1, 2, 3], "{trace}");
}

#[tokio::test]
async fn a_malformed_traceparent_begins_a_new_trace_and_breaks_nothing() {
    const ID: &str = "0af7651916cd43dd8448eb211c80319c";
    let portal = portal().await;
    let barista = kiosk("barista", &portal, None);
    let reception = kiosk("reception", &portal, Some(&barista));
    let client = Client::new(&reception.url, None);
    let malformed = [
        "".to_owned(),
        "nonsense".to_owned(),
        format!("00-{ID}-b7ad6b7169203331"),
        format!("00-{ID}-0000000000000000-01"),
        format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
        format!("00-{}-b7ad6b7169203331-01", ID.to_uppercase()),
        format!("ff-{ID}-b7ad6b7169203331-01"),
        format!("00-{ID}-b7ad6b7169203331-01-more"),
        format!("00-{ID}-b7ad6b7169203331-0x"),
        "0".repeat(4000),
    ];
    for header in &malformed {
        let order = client.request(Method::GET, "/orders/espresso").header("traceparent", header);
        let answer = Answer::to(order.header("tracestate", "rojo=00f067aa0ba902b7")).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "one espresso".to_owned()), "{header}");
    }
    drop(client);
    reception.stop();
    barista.stop();

    let reader = portal.reader();
    assert_eq!(reader.get(&format!("/api/v1/traces/{ID}")).await.status, StatusCode::NOT_FOUND);
    let found = reader.json("/api/v1/traces?service=reception").await;
    let traces = found["traces"].as_array().unwrap();
    assert_eq!(traces.len(), malformed.len(), "each is a trace of its own: {found}");
    for found in traces {
        let trace = reader.json(&format!("/api/v1/traces/{}", found["trace_id"].as_str().unwrap())).await;
        assert_eq!(
            (&trace["spans"], &trace["rows"][0]["parent_span_id"]),
            (&4.into(), &Value::Null),
            "{trace}"
        );
    }
}
