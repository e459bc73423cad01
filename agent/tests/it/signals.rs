//! How a process under watch ends: the examples as processes of their own, with real signals and a portal that listens.

use std::{io::Read, time::Duration};

use seaworthy_protocol::{DrainReport, InstanceState};

use crate::{eventually, kiosk::Kiosk, shown};

fn counts(report: DrainReport) -> (u64, u64, u64) {
    (report.in_flight_at_start, report.finished, report.aborted)
}

#[test]
fn a_signal_drains_and_the_portal_hears_how_it_went() {
    for (example, signal) in [("serve", "TERM"), ("serve", "INT"), ("axum_serve", "TERM")] {
        let mut kiosk = Kiosk::open(example, 10_000);
        let mut order = kiosk.order(600);
        kiosk.signal(signal);
        let mut answer = String::new();
        order.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("espresso"), "{example}: {answer}");
        let (code, took) = kiosk.wait();
        assert_eq!(code, Some(0), "{example}");
        assert!(took < Duration::from_secs(5), "{example}: {took:?}");
        let last = kiosk.goodbye();
        assert_eq!(last.state, InstanceState::Stopped, "{example}");
        assert_eq!(counts(last.drain.unwrap()), (1, 1, 0), "{example}");
        let spans = shown::spans(&kiosk.portal.memory().traces);
        let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
        assert_eq!(names, ["GET /brew/{ms}"], "{example}");
        assert!(!kiosk.portal.memory().metrics.is_empty(), "{example}");
    }
}

#[test]
fn at_the_deadline_the_process_ends_whatever_runs() {
    // axum::serve would wait for ever: there the agent has to end the process.
    for (example, expected) in [("serve", Some(0)), ("axum_serve", Some(1))] {
        let mut kiosk = Kiosk::open(example, 400);
        let mut order = kiosk.order(60_000);
        kiosk.signal("TERM");
        let (code, took) = kiosk.wait();
        assert_eq!(code, expected, "{example}");
        assert!(took < Duration::from_secs(8), "{example}: {took:?}");
        let last = kiosk.goodbye();
        assert_eq!(last.state, InstanceState::Stopped, "{example}");
        assert_eq!(counts(last.drain.unwrap()), (1, 0, 1), "{example}");
        assert!(!matches!(order.read(&mut [0; 100]), Ok(1..)), "{example}");
    }
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let mut kiosk = Kiosk::open("serve", 60_000);
        let _order = kiosk.order(60_000);
        kiosk.signal("TERM");
        // The first must have been heard: two of a kind at once are one.
        eventually("it drains", || kiosk.ask("/readyz").contains("draining"));
        kiosk.signal(signal);
        let (ended, took) = kiosk.wait();
        assert_eq!(ended, Some(code));
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}
