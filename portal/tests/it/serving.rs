//! Starting and stopping.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use seaworthy_protocol::{Build, CheckIn, Figures, Health, InstanceState, Observations, Process};

use seaworthy_portal::{ServeSettings, Server};
use tempfile::TempDir;

use crate::portal::{PASSWORD, Portal, settings};

async fn refused(change: impl FnOnce(&mut ServeSettings)) -> String {
    let folder = TempDir::new().unwrap();
    let mut settings = settings(&folder);
    change(&mut settings);
    format!("{:#}", Server::start(settings).await.map(|_| ()).unwrap_err())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_portal_from_starting_is_told_with_its_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = refused(|s| s.listen = address).await;
    assert!(error.contains(&address.to_string()) && error.contains("--listen"), "{error}");

    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = refused(|s| s.data = folder.path().join("file")).await;
    assert!(error.contains("/file") && error.contains("--data"), "{error}");

    let error = refused(|s| s.database_url = Some("mysql://u:secret@h/d".into())).await;
    assert!(error.contains("--database-url") && error.contains("postgres://"), "{error}");
    assert!(!error.contains("secret"), "{error}");

    let portal = Portal::new().await;
    let error = refused(|s| s.data = portal.folder.path().join("data")).await;
    assert!(error.contains("used by another portal") && error.contains("--data"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_entered_is_there_after_a_restart_and_sessions_go_on() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    let portal = portal.restarted().await;
    assert_eq!(portal.server.set_up_url().await.unwrap(), None);
    browser.base = portal.browser().base;
    assert_eq!(browser.get("/account").await.status, 200);
    assert_eq!(portal.browser().sign_in("ines", PASSWORD).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_has_stopped_answers_nobody() {
    let portal = Portal::set_up().await;
    let address = portal.server.address();
    portal.server.stop().await;
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_runs_a_portal_forgets_what_has_run_out() {
    let portal = Portal::set_up().await;
    let now = portal.clock.now();
    let check_in = CheckIn {
        service: "reception".into(),
        instance: "a".into(),
        environment: String::new(),
        agent: String::new(),
        sequence: 1,
        sent_at: now,
        build: Build::default(),
        process: Process { host: String::new(), pid: 1, started_at: now, admin_address: String::new() },
        state: InstanceState::Running,
        health: Health::default(),
        figures: Figures::default(),
        losses: Vec::new(),
        observations: Observations::default(),
        commands: Vec::new(),
        now: None,
        drain: None,
    };
    portal.server.app().catalog().record_check_in(&check_in, now).await.unwrap();
    let Portal { server, clock, folder } = portal;
    server.stop().await;

    clock.advance(Duration::from_secs(2 * 24 * 3600));
    let later = clock.now();
    let clock = seaworthy_portal::Clock::driven(move || later);
    let server = Server::start_by(settings(&folder), clock).await.unwrap();
    let begun = Instant::now();
    while !server.app().catalog().all_instances().await.unwrap().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20), "an instance two days silent is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.app().catalog().services().await.unwrap().len(), 1, "the service stays");
}

/// The command itself, with what it prints.
struct Running {
    child: Child,
    url: String,
    code: Option<String>,
}

impl Running {
    fn start(folder: &TempDir) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .env_remove("SEAWORTHY_PUBLIC_URL")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().unwrap().strip_prefix("Seaworthy listens on ").unwrap().to_owned();
        let set_up = folder.path().join("set-up").exists();
        let code = (!set_up).then(|| lines.next().unwrap().split_once("code=").unwrap().1.to_owned());
        fs::write(folder.path().join("set-up"), "").unwrap();
        Self { child, url, code }
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    fn browser(&self) -> crate::portal::Browser {
        crate::portal::Browser::at(self.url.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_made_survives_kill_9_and_sigterm_ends_in_order() {
    let folder = TempDir::new().unwrap();
    let mut first = Running::start(&folder);
    let mut browser = first.browser();
    browser.get("/set-up").await;
    let code = first.code.clone().unwrap();
    let fields =
        [("code", &*code), ("name", "Inês"), ("login", "ines"), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(browser.post("/set-up", &fields).await.status, 303);
    first.signal("-KILL");
    first.child.wait().unwrap();

    let mut second = Running::start(&folder);
    browser.base = second.url.clone();
    assert_eq!(browser.get("/account").await.status, 200, "the session too");
    second.signal("-TERM");
    let status = second.child.wait().unwrap();
    assert!(status.success(), "{status}");
}
