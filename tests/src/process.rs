//! Processes under test.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

/// A running process; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Kept open: a process that cannot print would fail.
    printed: BufReader<ChildStdout>,
}

impl Process {
    /// Starts it without the settings of whoever runs the tests. What it logs goes to a file.
    pub(crate) fn start<'a>(
        binary: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
        environment: &[(&str, &str)],
        log: &Path,
    ) -> Self {
        let mut command = Command::new(binary);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("SEAWORTHY_") || text.starts_with("OTEL_") {
                command.env_remove(&name);
            }
        }
        let log = File::options().create(true).append(true).open(log).unwrap();
        command.args(arguments).envs(environment.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the binary starts");
        let printed = BufReader::new(child.stdout.take().unwrap());
        Self { child, printed }
    }

    /// The next line that it prints, empty when it has ended.
    pub(crate) fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.printed.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Sends a signal: `KILL`, `TERM`, `STOP`, `CONT`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success(), "kill -s {name}: {sent}");
    }

    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        kib << 10
    }

    /// Whether it has not ended.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
