//! Drains of real servers.

use std::{future::pending, time::Duration};

use axum::{Router, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::*;
use crate::http::tests::shop::Shop;

const TERMS: Terms =
    Terms { delay: Duration::from_secs(1), deadline: Duration::from_secs(25), flush: Duration::from_secs(5) };

fn router() -> Router {
    let slow = || async {
        sleep(Duration::from_millis(100)).await;
        "done"
    };
    Router::new().route("/slow", get(slow)).route("/hangs", get(pending::<()>))
}

#[tokio::test]
async fn a_drain_finishes_what_runs_and_takes_nothing_new() {
    let shop = Shop::open(|_| router()).await;
    let mut slow = shop.send("GET", "/slow", &[]).await;
    shop.wait_for_in_flight(1).await;
    shop.agent.shut_down();
    assert_eq!(shop.agent.shared.drain.state(), InstanceState::Draining);
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    let report = shop.served.await.unwrap();
    assert_eq!((report.in_flight_at_start, report.finished, report.aborted), (1, 1, 0));
    assert!(report.took_ms < report.deadline_ms, "{report:?}");
    assert!(TcpStream::connect(shop.address).await.is_err());
}

#[tokio::test]
async fn a_drain_breaks_off_at_the_deadline_what_still_runs() {
    let shop = Shop::open_with_deadline(Duration::from_millis(700), |_| router()).await;
    let mut hangs = shop.send("GET", "/hangs", &[]).await;
    let mut slow = shop.send("GET", "/slow", &[]).await;
    shop.wait_for_in_flight(2).await;
    shop.agent.shut_down();
    let report = shop.served.await.unwrap();
    assert_eq!((report.in_flight_at_start, report.finished, report.aborted), (2, 1, 1));
    assert!(report.took_ms >= 700, "{report:?}");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    assert!(!matches!(hangs.read(&mut [0; 100]).await, Ok(1..)));
    assert_eq!(shop.agent.shared.drain.report(), Some(report));
}

#[tokio::test]
async fn an_idle_server_ends_at_once() {
    let shop = Shop::open(|_| router()).await;
    let _idle = TcpStream::connect(shop.address).await.unwrap();
    shop.agent.shut_down();
    let report = shop.served.await.unwrap();
    assert!(report.took_ms < 5_000, "{report:?}");
}

#[tokio::test]
async fn half_a_request_holds_up_a_drain_no_longer_than_its_deadline() {
    let shop = Shop::open_with_deadline(Duration::from_millis(300), |_| router()).await;
    let mut half = TcpStream::connect(shop.address).await.unwrap();
    half.write_all(b"GET /slow HTTP/1.1\r\nhost: sh").await.unwrap();
    // A whole one that comes later was seen later.
    let mut whole = shop.send("GET", "/slow", &[]).await;
    shop.wait_for_in_flight(1).await;
    shop.agent.shut_down();
    let report = shop.served.await.unwrap();
    assert_eq!((report.in_flight_at_start, report.finished, report.aborted), (1, 1, 0), "{report:?}");
    let mut answer = String::new();
    whole.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    assert!(!matches!(half.read(&mut [0; 100]).await, Ok(1..)));
}

#[tokio::test]
async fn a_connection_that_is_kept_for_later_stays_open() {
    let shop = Shop::open(|_| router()).await;
    let mut kept = TcpStream::connect(shop.address).await.unwrap();
    for _ in 0..2 {
        kept.write_all(b"GET /slow HTTP/1.1\r\nhost: shop\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"done") {
            assert_ne!(kept.read_buf(&mut answer).await.unwrap(), 0, "{}", answer.escape_ascii());
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(3_600)).await;
        tokio::time::resume();
    }
}

#[tokio::test]
async fn servers_stop_accepting_only_after_the_delay() {
    let delay = Duration::from_millis(100);
    let agent = crate::Agent::builder("shop")
        .drain_delay(delay)
        .shutdown_timeout(Duration::ZERO)
        .without_subscriber()
        .start()
        .unwrap();
    let signal = agent.shutdown_signal();
    let begun = Instant::now();
    agent.shut_down();
    assert!(!agent.shared.drain.wants_requests());
    signal.await;
    assert!(begun.elapsed() >= delay, "{:?}", begun.elapsed());
}

#[test]
fn a_drain_counts_what_ended_since_it_began() {
    let in_flight = Arc::<InFlight>::default();
    let drain = Drain::new(in_flight.clone(), TERMS);
    (0..5).for_each(|_| in_flight.begin());
    in_flight.end(true);
    drain.begin();
    assert_eq!(drain.state(), InstanceState::Draining);
    in_flight.begin();
    in_flight.end(true);
    in_flight.end(true);
    in_flight.end(false);
    assert_eq!(drain.report(), None);
    drain.settle();
    let report = drain.report().unwrap();
    assert_eq!((report.in_flight_at_start, report.finished, report.aborted), (4, 2, 2));
    assert_eq!(report.deadline_ms, 25_000);
}

#[test]
fn an_agent_that_ends_without_a_drain_has_no_report() {
    let drain = Drain::new(Arc::default(), TERMS);
    drain.settle();
    assert_eq!(drain.report(), None);
}

#[test]
fn phases_only_go_on() {
    let drain = Drain::new(Arc::default(), TERMS);
    assert!(drain.reach(Phase::Closing));
    assert!(!drain.reach(Phase::Draining));
    assert_eq!(*drain.phase.borrow(), Phase::Closing);
}

#[test]
fn a_service_may_say_itself_that_it_is_not_ready() {
    let drain = Drain::new(Arc::default(), TERMS);
    assert!(!drain.wants_requests());
    drain.set_ready(true);
    assert!(drain.wants_requests());
    drain.begin();
    assert!(!drain.wants_requests());
}
