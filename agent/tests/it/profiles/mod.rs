//! Profiles of this very process, fetched from the admin endpoints and read by `go tool pprof`.

mod cpu;
mod heap;
#[cfg(all(feature = "jemalloc", unix))]
mod jemalloc;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use seaworthy_agent::{Agent, Builder};

const PATHS: [&str; 4] =
    ["/connections", "/debug/pprof/heap", "/debug/pprof/heap?seconds=1", "/debug/pprof/profile?seconds=1"];

/// Held by each test: a process has one profile of a kind at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn agent() -> Builder {
    Agent::builder("reception").without_subscriber().shutdown_timeout(Duration::ZERO)
}

/// Status and body of the answer to `GET path`.
fn get(address: SocketAddr, path: &str, headers: &str) -> (u16, Vec<u8>) {
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n")
        .unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    (String::from_utf8(answer).unwrap()[9..12].parse().unwrap(), body)
}

/// The profile at this path.
fn profile(agent: &Agent, path: &str) -> Vec<u8> {
    let (status, body) = get(agent.admin_address().unwrap(), path, "");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    body
}

/// What `go tool pprof` says of a profile.
fn go_tool_pprof(profile: &[u8], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profile.pb.gz");
    std::fs::write(&file, profile).unwrap();
    let mut command = Command::new("go");
    let command = command.args(["tool", "pprof", "-symbolize=none"]).args(arguments).arg(&file);
    let output = command.env("PPROF_TMPDIR", folder.path()).output();
    let output = output.unwrap_or_else(|error| panic!("go, which scripts/test installs: {error}"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).unwrap()
}

/// The flat and the cumulative value of a function in a table that `-top` prints, in its unit.
fn values(table: &str, function: &str) -> (f64, f64) {
    let line = table.lines().find(|line| line.ends_with(function));
    let line = line.unwrap_or_else(|| panic!("{function}: {table}"));
    let columns: Vec<_> = line.split_whitespace().collect();
    let number = |text: &str| text.trim_end_matches(char::is_alphabetic).parse().unwrap();
    (number(columns[0]), number(columns[3]))
}

#[test]
fn profiles_are_for_who_has_the_token_or_is_on_this_machine() {
    let _alone = alone();
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let agent = agent().admin_address(everywhere).admin_token("sesame").start().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], agent.admin_address().unwrap().port()));
    for path in PATHS {
        assert_eq!(get(address, path, "").0, 401, "{path}");
        assert_eq!(get(address, path, "authorization: Bearer sesam\r\n").0, 401, "{path}");
        assert_eq!(get(address, path, "authorization: Bearer sesame\r\n").0, 200, "{path}");
    }
}

/// A server of the service's own, at which the admin endpoints are mounted.
fn mounted(agent: &Agent) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let (address, router) = (listener.local_addr().unwrap(), agent.admin_router::<()>());
    thread::spawn(move || {
        // As little of a runtime as a service may have.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await.unwrap();
        });
    });
    address
}

#[test]
fn a_router_that_others_reach_shows_no_profile_without_the_token() {
    let _alone = alone();
    let (open, closed) = (agent().start().unwrap(), agent().admin_token("sesame").start().unwrap());
    let (open, closed) = (mounted(&open), mounted(&closed));
    for path in PATHS {
        let (status, body) = get(open, path, "");
        assert_eq!(status, 403, "{path}");
        assert!(String::from_utf8_lossy(&body).contains("SEAWORTHY_ADMIN_TOKEN"));
        assert_eq!(get(closed, path, "").0, 401, "{path}");
        assert_eq!(get(closed, path, "authorization: Bearer sesame\r\n").0, 200, "{path}");
    }
}

#[test]
fn what_cannot_be_taken_is_said() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    for path in ["/debug/pprof/heap?seconds=100000", "/debug/pprof/heap?seconds=long"] {
        let (status, body) = get(agent.admin_address().unwrap(), path, "");
        assert_eq!(status, 400, "{path}");
        assert!(String::from_utf8_lossy(&body).contains("seconds"), "{path}");
    }
}
