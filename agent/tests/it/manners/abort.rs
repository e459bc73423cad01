//! `panic = "abort"`.

use std::{
    io::{Read, Write},
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use seaworthy_protocol::InstanceState;

use super::rustc::compile;
use crate::{Portal, eventually};

const SOURCE: &str = r#"
fn main() {
    let agent = seaworthy_agent::Agent::builder("kiosk").start().unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let _request = seaworthy_agent::tasks::instrument("request", async {});
    drop(agent.handle());
    panic!("on purpose");
}
"#;

#[test]
fn a_process_that_aborts_on_panic_does_so_at_once_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("kiosk");
    compile(SOURCE, &["-C", "panic=abort"], &program);
    let portal = Portal::start();
    let mut process = Command::new(program)
        .env("SEAWORTHY_PORTAL", portal.url())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the first check-in", || !portal.memory().check_ins.is_empty());
    process.stdin.take().unwrap().write_all(b"\n").unwrap();
    let begun = Instant::now();
    let mut said = String::new();
    process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let ended = process.wait().unwrap();
    assert_eq!(ended.signal(), Some(6), "SIGABRT, and not {ended}: {said}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(said.contains("on purpose") && said.contains("main.rs:7:5"), "{said}");
    let states: Vec<_> = portal.memory().check_ins.iter().map(|it| it.state).collect();
    assert!(
        states.iter().all(|state| *state == InstanceState::Running),
        "it did not stop in order: {states:?}"
    );
}
