//! What goes on while a request is being answered.

use std::{sync::Arc, time::Duration};

use axum::{Extension, Router, extract::Path, routing::get};
use seaworthy_protocol::{Now, OpenRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};
use tracing::Instrument;
use tracing_subscriber::prelude::*;

use super::shop::Shop;
use crate::http::Caller;

/// Records the spans of this thread, which is that of the shop.
fn trace(shop: &Shop) -> tracing::subscriber::DefaultGuard {
    tracing_subscriber::registry().with(shop.agent.tracing_layer()).set_default()
}

fn now(shop: &Shop) -> Now {
    let shared = &shop.agent.shared;
    shared.now.look(shared.recorder.as_deref(), 10).1
}

/// Waits until it is so, for 5 s at most.
async fn until(shop: &Shop, is_so: impl Fn(&Now) -> bool) -> Now {
    for _ in 0..1_000 {
        let now = now(shop);
        if is_so(&now) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}", now(shop));
}

fn counts(now: &Now) -> (u64, u64, u64) {
    (now.connections.count, now.requests.count, now.spans.count)
}

/// `/orders/{id}` says who it is and waits for the end.
async fn open(end: &Arc<Notify>) -> Shop {
    let end = Arc::clone(end);
    let order = move |Path(id): Path<String>, caller: Caller| async move {
        if id != "anonymous" {
            caller.set_user(&id);
        }
        end.notified().instrument(tracing::info_span!("brew")).await;
    };
    Shop::open(|_| Router::new().route("/orders/{id}", get(order))).await
}

#[tokio::test]
async fn a_request_is_told_of_while_it_lasts() {
    let end = Arc::<Notify>::default();
    let shop = open(&end).await;
    let _traced = trace(&shop);
    let headers =
        ["x-request-id: mine", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"];
    let mut connection = shop.send("GET", "/orders/ada", &headers).await;
    let open = until(&shop, |now| counts(now) == (1, 1, 1) && now.requests.oldest[0].user.is_some()).await;
    let peer = connection.local_addr().unwrap().to_string();
    let [request] = &open.requests.oldest[..] else { panic!("{open:?}") };
    let expected = OpenRequest {
        since: request.since,
        method: "GET".into(),
        route: Some("/orders/{id}".into()),
        peer: Some(peer.clone()),
        user: Some("ada".into()),
        request_id: "mine".into(),
        trace_id: Some("0af7651916cd43dd8448eb211c80319c".into()),
        recorded: true,
    };
    assert_eq!(*request, expected);
    let [own] = &open.connections.oldest[..] else { panic!("{open:?}") };
    assert_eq!((&own.peer, own.requests, own.user.as_deref()), (&peer, 1, Some("ada")));
    assert!(own.since <= request.since);
    let [span] = &open.spans.oldest[..] else { panic!("{open:?}") };
    assert_eq!((span.name.as_str(), &span.trace_id), ("brew", request.trace_id.as_ref().unwrap()));
    assert_eq!(span.target, "seaworthy_agent::http::tests::now");
    assert!(span.place.as_ref().unwrap().contains("http/tests/now.rs:"), "{span:?}");
    end.notify_one();
    connection.read_to_end(&mut Vec::new()).await.unwrap();
    until(&shop, |now| counts(now) == (0, 0, 0)).await;
}

#[tokio::test]
async fn one_connection_carries_many_requests_and_outlives_them() {
    let shop = Shop::open(|_| {
        let hello = |Extension(caller): Extension<Caller>| async move { caller.set_user("ada") };
        Router::new().route("/", get(hello)).route("/quiet", get(|| async {}))
    })
    .await;
    let mut connection = TcpStream::connect(shop.address).await.unwrap();
    for path in ["/", "/quiet", "/quiet"] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: shop\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        assert!(connection.read(&mut [0; 1_000]).await.unwrap() > 0);
    }
    let open = until(&shop, |now| counts(now) == (1, 0, 0)).await;
    assert_eq!(
        (open.connections.oldest[0].requests, open.connections.oldest[0].user.as_deref()),
        (3, Some("ada"))
    );
    drop(connection);
    until(&shop, |now| counts(now) == (0, 0, 0)).await;
}

#[tokio::test]
async fn what_a_handler_leaves_behind_is_no_request() {
    let shop = Shop::open(|_| {
        let leave = || async {
            tokio::spawn(std::future::pending::<()>().instrument(tracing::Span::current()));
        };
        Router::new().route("/", get(leave))
    })
    .await;
    let _traced = trace(&shop);
    shop.ask("GET", "/", &[]).await;
    until(&shop, |now| counts(now) == (0, 0, 0)).await;
}

#[tokio::test]
async fn a_connection_that_was_upgraded_stays_on_the_list() {
    let end = Arc::<Notify>::default();
    let ends = Arc::clone(&end);
    let shop = Shop::open(|_| {
        let upgrade = |request: axum::extract::Request| async move {
            tokio::spawn(async move {
                let _upgraded = hyper::upgrade::on(request).await.unwrap();
                ends.notified().await;
            });
            (http::StatusCode::SWITCHING_PROTOCOLS, [("upgrade", "talk"), ("connection", "upgrade")])
        };
        Router::new().route("/", get(upgrade))
    })
    .await;
    let mut connection = TcpStream::connect(shop.address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: shop\r\nupgrade: talk\r\nconnection: upgrade\r\n\r\n";
    connection.write_all(request).await.unwrap();
    assert!(connection.read(&mut [0; 1_000]).await.unwrap() > 0);
    let open = until(&shop, |now| counts(now) == (1, 0, 0)).await;
    assert_eq!(open.connections.oldest[0].requests, 1);
    end.notify_one();
    until(&shop, |now| counts(now) == (0, 0, 0)).await;
}

#[tokio::test]
async fn a_route_that_is_found_further_in_is_told() {
    let end = Arc::<Notify>::default();
    let ends = Arc::clone(&end);
    let shop = Shop::open(|agent| {
        let wait = || async move { ends.notified().await };
        let inner = Router::new().route("/late/{id}", get(wait)).layer(agent.layer());
        Router::new().fallback_service(inner)
    })
    .await;
    let _connection = shop.send("GET", "/late/7", &[]).await;
    let open = until(&shop, |now| now.requests.count == 1 && now.requests.oldest[0].route.is_some()).await;
    assert_eq!(open.requests.oldest[0].route.as_deref(), Some("/late/{id}"));
    end.notify_one();
}
