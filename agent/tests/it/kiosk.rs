//! The examples as processes of their own, with a portal that listens.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use seaworthy_protocol::CheckIn;

use crate::{Portal, eventually};

/// A running example.
pub(crate) struct Kiosk {
    process: Child,
    pub(crate) address: String,
    pub(crate) portal: Portal,
}

impl Kiosk {
    pub(crate) fn open(example: &str, deadline_ms: u32) -> Self {
        let mut command = Command::new(path_of(example));
        command.env("SEAWORTHY_DRAIN_DEADLINE", deadline_ms.to_string());
        Self::open_by(command)
    }

    /// Opens what this command starts, which must be one of the examples.
    pub(crate) fn open_by(mut command: Command) -> Self {
        let portal = Portal::start();
        let mut process = command
            .env("SEAWORTHY_PORTAL", portal.url())
            .env("SEAWORTHY_DRAIN_DELAY", "50")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        eventually("the first check-in", || !portal.memory().check_ins.is_empty());
        Self { process, address: address.trim().to_owned(), portal }
    }

    /// Orders something that takes so long; the request has arrived when this returns.
    pub(crate) fn order(&self, ms: u32) -> TcpStream {
        let mut order = TcpStream::connect(&self.address).unwrap();
        write!(order, "GET /brew/{ms} HTTP/1.1\r\nhost: kiosk\r\nconnection: close\r\n\r\n").unwrap();
        eventually("the order arrives", || self.ask("/status").contains("\"requests_in_flight\":1"));
        order
    }

    /// What the kiosk's admin endpoint says.
    pub(crate) fn ask(&self, path: &str) -> String {
        String::from_utf8(self.ask_bytes(path)).unwrap()
    }

    pub(crate) fn ask_bytes(&self, path: &str) -> Vec<u8> {
        let address = self.portal.memory().check_ins[0].process.admin_address.clone();
        let mut connection = TcpStream::connect(address).unwrap();
        write!(connection, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        answer
    }

    /// The last check-in.
    pub(crate) fn goodbye(&self) -> CheckIn {
        self.portal.memory().check_ins.last().cloned().unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Exit code, and how long it took.
    pub(crate) fn wait(&mut self) -> (Option<i32>, Duration) {
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
pub(crate) fn path_of(example: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().unwrap().parent().unwrap().join("examples").join(example);
    assert!(path.exists(), "`cargo build -p seaworthy-agent --examples` makes {}", path.display());
    path
}
