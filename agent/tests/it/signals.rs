//! How a process under watch ends: the examples as processes of their own, with real signals and a portal that listens.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use seaworthy_protocol::{CheckIn, DrainReport, InstanceState};

use crate::{Portal, eventually, shown};

/// A running example.
struct Kiosk {
    process: Child,
    address: String,
    portal: Portal,
}

impl Kiosk {
    fn open(example: &str, deadline_ms: u32) -> Self {
        let portal = Portal::start();
        let mut process = Command::new(path_of(example))
            .env("SEAWORTHY_PORTAL", portal.url())
            .env("SEAWORTHY_DRAIN_DELAY", "50")
            .env("SEAWORTHY_DRAIN_DEADLINE", deadline_ms.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        eventually("the first check-in", || !portal.memory().check_ins.is_empty());
        Self { process, address: address.trim().to_owned(), portal }
    }

    /// Orders something that takes so long; the request has arrived when this returns.
    fn order(&self, ms: u32) -> TcpStream {
        let mut order = TcpStream::connect(&self.address).unwrap();
        write!(order, "GET /brew/{ms} HTTP/1.1\r\nhost: kiosk\r\nconnection: close\r\n\r\n").unwrap();
        eventually("the order arrives", || self.ask("/status").contains("\"requests_in_flight\":1"));
        order
    }

    /// What the kiosk's admin endpoint says.
    fn ask(&self, path: &str) -> String {
        let address = self.portal.memory().check_ins[0].process.admin_address.clone();
        let mut connection = TcpStream::connect(address).unwrap();
        write!(connection, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The last check-in.
    fn goodbye(&self) -> CheckIn {
        self.portal.memory().check_ins.last().cloned().unwrap()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Exit code, and how long it took.
    fn wait(&mut self) -> (Option<i32>, Duration) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return (status.code(), start.elapsed());
            }
            assert!(start.elapsed() < Duration::from_secs(10), "the process does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Cargo builds examples beside the tests.
fn path_of(example: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().unwrap().parent().unwrap().join("examples").join(example);
    assert!(path.exists(), "`cargo build -p seaworthy-agent --examples` makes {}", path.display());
    path
}

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
