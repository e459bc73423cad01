//! The command itself, with what it prints and the processes that it starts.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use procfs::process::{Process, all_processes};
use tempfile::TempDir;

use crate::portal::Browser;

/// Longer than anything here may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Running {
    child: Child,
    /// Where it makes its temporary folder.
    home: TempDir,
    lines: Receiver<String>,
    /// What it has printed until the shop was open.
    pub(super) welcome: String,
}

/// A command that knows nothing of this machine's settings.
pub(super) fn seaworthy(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.args(arguments).env("TMPDIR", home).stdout(Stdio::piped());
    command
}

impl Running {
    /// Starts a demo on a free port, and waits until the shop is open.
    pub(super) fn start(arguments: &[&str]) -> Self {
        Self::start_in(TempDir::new().unwrap(), &[&["demo", "--listen", "127.0.0.1:0"], arguments].concat())
    }

    pub(super) fn start_in(home: TempDir, arguments: &[&str]) -> Self {
        let mut child = seaworthy(home.path(), arguments)
            // It must not let what is meant for other services reach the shop.
            .env("OTEL_SDK_DISABLED", "true")
            .env("SEAWORTHY_PORTAL", "nowhere")
            .env("HTTP_PROXY", "http://127.0.0.1:9")
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (said, lines) = channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
        let mut running = Self { child, home, lines, welcome: String::new() };
        while !running.welcome.contains("Stop with Ctrl-C.") {
            let line = running.lines.recv_timeout(PATIENCE).expect("a demo that opens");
            running.welcome.push_str(&format!("{line}\n"));
        }
        running
    }

    /// What it says behind this word: `Open`, `Sign in`, `Password`.
    pub(super) fn says(&self, word: &str) -> String {
        let line = self.welcome.lines().find_map(|line| line.trim().strip_prefix(word));
        line.unwrap_or_else(|| panic!("no {word} in:\n{}", self.welcome)).trim().to_owned()
    }

    /// Waits until it prints a line with this text.
    pub(super) fn wait_until_it_says(&self, text: &str) -> String {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let line = self.lines.recv_timeout(PATIENCE).expect("a demo that still runs");
            if line.contains(text) {
                return line;
            }
        }
        panic!("it does not say {text:?}");
    }

    /// A browser, signed in as the terminal says.
    pub(super) async fn browser(&self) -> Browser {
        let mut browser = Browser::at(self.says("Open"));
        let answer = browser.sign_in(&self.says("Sign in"), &self.says("Password")).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    /// The services that it has started and that still run.
    pub(super) fn shop(&self) -> Vec<Process> {
        let parent = i32::try_from(self.child.id()).unwrap();
        let all = all_processes().unwrap().filter_map(Result::ok);
        all.filter(|process| process.stat().is_ok_and(|stat| stat.ppid == parent) && runs(process)).collect()
    }

    pub(super) fn signal(&self, signal: &str) {
        kill(signal, self.child.id().try_into().unwrap());
    }

    /// Waits for its end, and says whether it was a good one.
    pub(super) fn ended_well(&mut self) -> bool {
        let mut status = None;
        wait_until("it ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().success()
    }

    /// What is left where temporary folders are made.
    pub(super) fn left_behind(&self) -> Vec<String> {
        let names = fs::read_dir(self.home.path()).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    pub(super) fn into_home(mut self) -> TempDir {
        std::mem::replace(&mut self.home, TempDir::new().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn kill(signal: &str, pid: i32) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

/// Whether it does; one that has ended and that nobody has asked after does not.
pub(super) fn runs(process: &Process) -> bool {
    process.is_alive() && process.stat().is_ok_and(|stat| stat.state != 'Z')
}

pub(super) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
