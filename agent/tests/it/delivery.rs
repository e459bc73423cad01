//! Portals that are away, slow, full, or talk nonsense.

use std::{
    net::{SocketAddr, TcpListener},
    time::{Duration, Instant, SystemTime},
};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use seaworthy_agent::Agent;
use seaworthy_protocol::{Loss, LossReason, Signal};
use tracing::info_span;

use crate::{
    Portal, agent, eventually,
    portal::{CHECK_IN, METRICS, Reply, TRACES},
    trace,
};

fn lost(reason: LossReason, count: u64) -> Loss {
    Loss { signal: Signal::Spans, reason, count }
}

fn losses_of_spans(agent: &Agent) -> Vec<Loss> {
    agent.losses().into_iter().filter(|loss| loss.signal == Signal::Spans).collect()
}

/// An address where nobody listens.
fn nowhere() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn make_spans(agent: &Agent, names: &[&'static str]) {
    let _traced = trace(agent);
    for name in names {
        drop(info_span!("span", otel.name = name));
    }
}

#[test]
fn a_portal_that_is_behind_gets_the_same_request_again() {
    for status in [429, 502, 503, 504] {
        let portal = Portal::start();
        portal.script(TRACES, [Reply::Status(status), Reply::Status(status)]);
        let agent = agent(&portal).start().unwrap();
        make_spans(&agent, &["patient"]);
        assert!(agent.flush(Duration::from_secs(10)), "{status}");
        let attempts = portal.attempts(TRACES);
        assert_eq!(attempts.len(), 3, "{status}");
        assert!(attempts.iter().all(|attempt| attempt.body == attempts[0].body));
        let waits: Vec<_> = attempts.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
        assert!(
            waits[0] >= Duration::from_millis(250) && waits[1] >= Duration::from_millis(500),
            "{waits:?}"
        );
        assert_eq!(portal.names(), ["patient"]);
        assert_eq!(agent.losses(), []);
    }
}

#[test]
fn a_portal_is_not_asked_before_the_time_it_names() {
    // Whole seconds: two to three from now.
    let soon = || httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3));
    for after in [|| "1".to_owned(), soon] {
        let (portal, after) = (Portal::start(), after());
        portal.script(TRACES, [Reply::StatusRetryAfter(503, after.clone())]);
        let agent = agent(&portal).start().unwrap();
        make_spans(&agent, &["patient"]);
        assert!(agent.flush(Duration::from_secs(10)));
        let attempts = portal.attempts(TRACES);
        let wait = attempts[1].at - attempts[0].at;
        assert!(wait >= Duration::from_secs(1), "{after}: {wait:?}");
        assert!(wait < Duration::from_secs(5), "{after}: {wait:?}");
    }
}

#[test]
fn what_a_portal_refuses_is_counted_and_not_sent_again() {
    for status in [400, 401, 403, 404, 413, 415, 500, 307] {
        let portal = Portal::start();
        portal.script(TRACES, [Reply::Status(status)]);
        let agent = agent(&portal).start().unwrap();
        make_spans(&agent, &["a", "b", "c"]);
        assert!(agent.flush(Duration::from_secs(5)));
        assert_eq!(losses_of_spans(&agent), [lost(LossReason::Refused, 3)], "{status}");
        make_spans(&agent, &["d"]);
        assert!(agent.flush(Duration::from_secs(5)));
        assert_eq!((portal.names(), portal.attempts(TRACES).len()), (vec!["d".to_owned()], 2), "{status}");
    }
}

#[test]
fn a_partial_success_counts_what_was_not_taken() {
    let portal = Portal::start();
    let said = |rejected_spans| {
        let partial = ExportTracePartialSuccess { rejected_spans, error_message: "too old".into() };
        Reply::TakeSaying(ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec())
    };
    // More than were sent, or fewer than none, make no sense.
    portal.script(TRACES, [said(2), said(99), said(-1), said(0)]);
    let agent = agent(&portal).start().unwrap();
    for refused in [2, 5, 5, 5] {
        make_spans(&agent, &["a", "b", "c"]);
        assert!(agent.flush(Duration::from_secs(5)));
        assert_eq!(losses_of_spans(&agent), [lost(LossReason::Refused, refused)]);
    }
    assert_eq!(portal.attempts(TRACES).len(), 4);
}

#[test]
fn nonsense_with_a_good_status_is_good() {
    let portal = Portal::start();
    portal.script(TRACES, [Reply::TakeSaying(b"<html>".to_vec()), Reply::TakeSaying(vec![0xff; 1 << 20])]);
    let agent = agent(&portal).start().unwrap();
    for _ in 0..2 {
        make_spans(&agent, &["a"]);
        assert!(agent.flush(Duration::from_secs(5)));
    }
    assert_eq!((portal.attempts(TRACES).len(), agent.losses()), (2, vec![]));
}

#[test]
fn a_portal_that_comes_late_gets_what_was_kept() {
    let address = nowhere();
    let agent = Agent::builder("reception")
        .without_subscriber()
        .portal(format!("http://{address}"))
        .span_interval(Duration::from_millis(20))
        .start()
        .unwrap();
    make_spans(&agent, &["early"]);
    assert!(!agent.flush(Duration::from_millis(200)));
    let portal = Portal::start_at(address);
    eventually("the span arrives", || portal.names() == ["early"]);
    assert_eq!(agent.losses(), []);
    drop(agent);
}

#[test]
fn the_oldest_give_way_while_the_portal_is_away() {
    let address = nowhere();
    let agent = Agent::builder("reception")
        .without_subscriber()
        .portal(format!("http://{address}"))
        .span_interval(Duration::from_millis(5))
        .max_waiting_spans(10)
        .start()
        .unwrap();
    for count in 1..=30_u64 {
        make_spans(&agent, &["span"]);
        // Each in a request of its own; the first is the one that is being sent again and again.
        let gone = count.saturating_sub(11);
        std::thread::sleep(Duration::from_millis(30));
        eventually("the oldest are gone", || {
            losses_of_spans(&agent).iter().map(|loss| loss.count).sum::<u64>() >= gone
        });
    }
    let gone = losses_of_spans(&agent);
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].reason, LossReason::Unreachable);
    let portal = Portal::start_at(address);
    eventually("the youngest arrive", || portal.names().len() as u64 + gone[0].count == 30);
    assert!(portal.names().len() >= 10);
    drop(agent);
}

#[test]
fn a_burst_beyond_the_queue_is_counted() {
    let portal = Portal::start();
    let agent =
        agent(&portal).max_waiting_spans(100).span_interval(Duration::from_secs(3600)).start().unwrap();
    let burst: Vec<&'static str> = vec!["span"; 50_000];
    make_spans(&agent, &burst);
    assert!(agent.flush(Duration::from_secs(10)));
    let arrived = portal.names().len() as u64;
    let gone: u64 = losses_of_spans(&agent).iter().map(|loss| loss.count).sum();
    assert_eq!(arrived + gone, 50_000);
    assert!(arrived >= 50, "{arrived}");
    assert!(gone > 0);
}

#[test]
fn every_span_of_many_threads_arrives_or_is_counted() {
    let portal = Portal::start();
    let agent = agent(&portal).span_interval(Duration::from_millis(1)).start().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| make_spans(&agent, &["span"; 5_000]));
        }
    });
    assert!(agent.flush(Duration::from_secs(20)));
    let gone: u64 = losses_of_spans(&agent).iter().map(|loss| loss.count).sum();
    assert_eq!(portal.names().len() as u64 + gone, 40_000);
    let spans = crate::shown::spans(&portal.memory().traces);
    let ids: std::collections::HashSet<_> = spans.iter().map(|span| &span.span_id).collect();
    assert_eq!(ids.len(), spans.len(), "none is sent twice");
}

/// What a dropped guard may take beyond its timeout: the scheduler of a busy machine.
const SLACK: Duration = Duration::from_secs(2);

#[test]
fn a_portal_that_hangs_does_not_keep_the_process() {
    let portal = Portal::start();
    for path in [TRACES, METRICS, CHECK_IN] {
        portal.always(path, Reply::Never);
    }
    let agent = agent(&portal).shutdown_timeout(Duration::from_millis(500)).start().unwrap();
    make_spans(&agent, &["stuck", "stuck too"]);
    let handle = agent.handle();
    let begun = Instant::now();
    drop(agent);
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(300) && took < Duration::from_millis(500) + SLACK, "{took:?}");
    assert!(handle.losses().contains(&lost(LossReason::Shutdown, 2)), "{:?}", handle.losses());
}

#[test]
fn a_portal_that_is_away_does_not_keep_the_process() {
    let agent = Agent::builder("reception")
        .without_subscriber()
        .portal(format!("http://{}", nowhere()))
        .shutdown_timeout(Duration::from_millis(400))
        .start()
        .unwrap();
    make_spans(&agent, &["lost"]);
    let handle = agent.handle();
    let begun = Instant::now();
    drop(agent);
    assert!(begun.elapsed() < Duration::from_millis(400) + SLACK, "{:?}", begun.elapsed());
    assert!(handle.losses().contains(&lost(LossReason::Shutdown, 1)), "{:?}", handle.losses());
}

#[test]
fn the_last_spans_are_sent_though_the_portal_stumbles() {
    let portal = Portal::start();
    portal.script(TRACES, [Reply::Status(503), Reply::StatusRetryAfter(503, "3600".into())]);
    let agent = agent(&portal).start().unwrap();
    make_spans(&agent, &["last"]);
    let begun = Instant::now();
    drop(agent);
    assert_eq!(portal.names(), ["last"]);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn the_token_and_the_media_type_come_along() {
    let portal = Portal::start();
    let agent = agent(&portal).token("secret").start().unwrap();
    make_spans(&agent, &["a"]);
    assert!(agent.flush(Duration::from_secs(5)));
    eventually("it checks in", || !portal.attempts(CHECK_IN).is_empty());
    for (path, media_type) in [(TRACES, "application/x-protobuf"), (CHECK_IN, "application/json")] {
        let headers = portal.attempts(path)[0].headers.clone();
        assert_eq!(headers["authorization"], "Bearer secret", "{path}");
        assert_eq!(headers["content-type"], media_type, "{path}");
        assert!(headers["user-agent"].to_str().unwrap().starts_with("seaworthy-agent/"));
        assert!(!headers.contains_key("traceparent"));
    }
}

#[test]
fn spans_keep_coming_while_the_portal_is_slow() {
    let portal = Portal::start();
    portal.always(TRACES, Reply::AfterTaking(Duration::from_millis(100)));
    let agent = agent(&portal).start().unwrap();
    for _ in 0..20 {
        let begun = Instant::now();
        make_spans(&agent, &["span"; 100]);
        // A hundred spans cost microseconds; a thread that waited for the portal would take a hundred times as long.
        assert!(begun.elapsed() < Duration::from_millis(90), "{:?}", begun.elapsed());
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(agent);
    assert_eq!(portal.names().len(), 2000);
}
