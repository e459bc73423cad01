//! A portal of its own for each test.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{Client, Visitor, process::Process};

/// The first admin signs in with this name.
pub const LOGIN: &str = "ines";
/// Their password.
pub const PASSWORD: &str = "a plain passphrase";

/// A running portal that has been set up. When it is dropped it is killed and its data deleted.
#[derive(Debug)]
pub struct Portal {
    binary: PathBuf,
    arguments: Vec<String>,
    url: String,
    process: Process,
    /// A token with scope ingest.
    pub ingest_token: String,
    /// A token with scope read.
    pub read_token: String,
    // After the process, which writes into it.
    folder: TempDir,
}

impl Portal {
    /// Starts this binary on a free port, with these further arguments of `seaworthy serve`; makes the first admin and
    /// two tokens.
    pub async fn start(binary: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        let (mut portal, code) = Self::start_new(binary, arguments);
        let mut admin = portal.visitor();
        admin.set_up(&code, LOGIN, PASSWORD).await;
        portal.ingest_token = admin.make_token("ingest").await;
        portal.read_token = admin.make_token("read").await;
        portal
    }

    /// Starts this binary on a free port, and gives the code with which the first admin can be made. There are no tokens.
    pub fn start_new(binary: impl Into<PathBuf>, arguments: &[&str]) -> (Self, String) {
        let (binary, folder) = (binary.into(), TempDir::new().unwrap());
        let arguments: Vec<String> = arguments.iter().map(|&it| it.to_owned()).collect();
        let (mut process, url) = serve(&binary, folder.path(), "127.0.0.1:0", &arguments);
        let line = process.next_line();
        let (_, code) = line.split_once("code=").unwrap_or_else(|| panic!("no code in {line:?}"));
        let (ingest_token, read_token) = (String::new(), String::new());
        (Self { binary, arguments, url, process, ingest_token, read_token, folder }, code.to_owned())
    }

    /// Where it listens: `http://127.0.0.1:41873`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its data is.
    pub fn data(&self) -> PathBuf {
        data(self.folder.path())
    }

    /// A program that may send telemetry.
    pub fn sender(&self) -> Client {
        Client::new(&self.url, Some(&self.ingest_token))
    }

    /// A program that may read.
    pub fn reader(&self) -> Client {
        Client::new(&self.url, Some(&self.read_token))
    }

    /// A program without a token.
    pub fn stranger(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// Somebody with a browser who has not signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.url)
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.process.signal("KILL");
        self.process.wait();
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(&mut self) {
        self.process.signal("TERM");
        let status = self.process.wait();
        assert!(status.success(), "{status}");
    }

    /// Starts it again after [`kill`](Self::kill) or [`stop`](Self::stop), on the same port and data.
    pub fn start_again(&mut self) {
        let (process, url) = serve(&self.binary, self.folder.path(), self.address(), &self.arguments);
        assert_eq!(url, self.url);
        self.process = process;
    }

    /// Lets it hang: connections are accepted by the system, and nothing is answered.
    pub fn suspend(&self) {
        self.process.signal("STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.process.signal("CONT");
    }

    /// The most memory that it has had, resident.
    pub fn peak_memory_bytes(&self) -> u64 {
        self.process.peak_memory_bytes()
    }

    fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(log(self.folder.path())).unwrap_or_default();
            eprintln!("log of the portal:\n{log}");
        }
    }
}

fn serve(binary: &Path, folder: &Path, address: &str, further: &[String]) -> (Process, String) {
    let data = data(folder);
    let arguments = ["serve", "--listen", address, "--data", data.to_str().unwrap()].into_iter();
    let arguments = arguments.chain(further.iter().map(String::as_str));
    let mut process = Process::start(binary, arguments, &[], &log(folder));
    let line = process.next_line();
    let url = line.strip_prefix("Seaworthy listens on ").map(str::to_owned);
    let url = url.unwrap_or_else(|| {
        panic!("{line:?} instead of an address; log: {}", fs::read_to_string(log(folder)).unwrap_or_default())
    });
    (process, url)
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log(folder: &Path) -> PathBuf {
    folder.join("log")
}
