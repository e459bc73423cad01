//! `seaworthy demo` as somebody runs it.

use std::path::Path;

use tempfile::TempDir;

use crate::process::Process;

/// A running demo. It stops when it is dropped, and the shop with it.
#[derive(Debug)]
pub struct Demo {
    process: Process,
    /// Where its portal is.
    pub url: String,
    /// Who may sign in.
    pub login: String,
    /// With this password.
    pub password: String,
    /// Where buttons break its reception.
    pub faults: String,
    /// Where releases of the shop are deployed and rolled back.
    pub releases: String,
    _folder: TempDir,
}

impl Demo {
    /// Starts this binary.
    pub fn start(binary: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        let arguments = ["demo", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
        let mut process = Process::start(binary, arguments, &[], &folder.path().join("log"));
        let mut told = |word: &str| loop {
            let line = process.next_line();
            assert!(!line.is_empty() || process.runs(), "the demo says no {word}");
            if let Some(rest) = line.trim().strip_prefix(word) {
                return rest.trim().to_owned();
            }
        };
        let (url, login, password) = (told("Open"), told("Sign in"), told("Password"));
        let mut page = |word: &str| told(word).split_whitespace().next().unwrap().to_owned();
        let (faults, releases) = (page("Break it"), page("Deploy it"));
        Self { process, url, login, password, faults, releases, _folder: folder }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.process.signal("TERM");
        self.process.wait();
    }
}
