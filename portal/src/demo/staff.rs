//! One service of the shop as a process of its own, started again when it dies.
//!
//! The process holds the reading end of a pipe as its standard input, and drains when that ends. So it ends when it is
//! dismissed, and just as well when this process is gone, however that came about.

use std::{
    ffi::OsString,
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use seaworthy_coffee_shop::doors::Addresses;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{releases::Release, terminal::say};

/// A service that has not opened by then never will.
const OPENING: Duration = Duration::from_secs(20);
/// Longer than its own deadlines, which [`Duty::command`] sets.
const LEAVING: Duration = Duration::from_secs(10);
const SHORTEST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What a process is to do.
#[derive(Debug)]
pub(super) struct Duty {
    /// How people call it.
    pub(super) name: &'static str,
    /// What follows `seaworthy coffee-shop`.
    pub(super) arguments: Vec<OsString>,
    /// Where it logs.
    pub(super) log: PathBuf,
    /// The portal that watches it.
    pub(super) portal: String,
    /// What opens that portal.
    pub(super) token: String,
    /// Which release it is to be; none of one that has a single one.
    pub(super) releases: Option<watch::Receiver<Release>>,
}

/// A process that does its duty until it is dismissed.
#[derive(Debug)]
pub(super) struct Staff {
    addresses: Addresses,
    dismissed: CancellationToken,
    kept: AbortOnDropHandle<()>,
}

impl Staff {
    /// Starts it, and waits until it has opened.
    pub(super) async fn hire(duty: Duty) -> anyhow::Result<Self> {
        let process = duty.start(None).await?;
        let (addresses, dismissed) = (process.addresses, CancellationToken::new());
        let kept = AbortOnDropHandle::new(tokio::spawn(keep(duty, process, dismissed.clone())));
        Ok(Self { addresses, dismissed, kept })
    }

    /// Where it listens; it keeps its addresses when it is started again.
    pub(super) fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Has it finish what it does and end.
    pub(super) async fn dismiss(self) {
        self.dismissed.cancel();
        // An error says that it has panicked or was aborted: gone either way.
        let _ = self.kept.await;
    }
}

/// Keeps a process running until it is dismissed.
async fn keep(mut duty: Duty, mut process: Process, dismissed: CancellationToken) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        let (begun, addresses) = (Instant::now(), process.addresses);
        tokio::select! {
            () = dismissed.cancelled() => return process.end().await,
            release = duty.next_release() => {
                say(&format!("The {} is deployed: {}.", duty.name, release.version));
                process.end().await;
                pause = Duration::ZERO;
            }
            ended = process.child.wait() => {
                let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                say(&format!("The {} has ended ({how}) and is started again. Its log: {}", duty.name, duty.log.display()));
            }
        }
        if begun.elapsed() > LONGEST_PAUSE {
            pause = pause.min(SHORTEST_PAUSE);
        }
        process = loop {
            if dismissed.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
            pause = (pause * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            match dismissed.run_until_cancelled(duty.start(Some(addresses))).await {
                None => return,
                Some(Ok(process)) => break process,
                Some(Err(error)) => say(&format!("{error:#}")),
            }
        };
    }
}

/// A running process. It is killed if it is dropped.
#[derive(Debug)]
struct Process {
    child: Child,
    /// The process ends when this is dropped.
    stdin: Option<ChildStdin>,
    /// Held so that it never writes into nothing.
    _stdout: BufReader<ChildStdout>,
    addresses: Addresses,
}

impl Process {
    async fn end(mut self) {
        drop(self.stdin.take());
        if timeout(LEAVING, self.child.wait()).await.is_err() {
            // An error says that it has just ended.
            let _ = self.child.kill().await;
        }
    }
}

impl Duty {
    /// Waits until another release is to run.
    async fn next_release(&mut self) -> Release {
        let changed = async {
            let releases = self.releases.as_mut()?;
            releases.changed().await.ok()?;
            Some(*releases.borrow_and_update())
        };
        match changed.await {
            Some(release) => release,
            None => std::future::pending().await,
        }
    }

    /// Starts a process, at the addresses that one before had, and waits until it has opened.
    async fn start(&self, before: Option<Addresses>) -> anyhow::Result<Process> {
        let mut command = self.command(before)?;
        let mut child = command.spawn().with_context(|| format!("could not start the {}", self.name))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let mut stdout = BufReader::new(stdout.context("a process was started without its output")?);
        let mut line = String::new();
        let read = timeout(OPENING, stdout.read_line(&mut line)).await;
        match read.ok().and_then(Result::ok).and_then(|_| serde_json::from_str(&line).ok()) {
            Some(addresses) => Ok(Process { child, stdin, _stdout: stdout, addresses }),
            None => bail!("the {} did not open:\n{}", self.name, self.last_words()),
        }
    }

    fn command(&self, before: Option<Addresses>) -> anyhow::Result<Command> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("could not write {}", self.log.display()))?;
        let program = std::env::current_exe().context("could not find this program's own file")?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if is_for_others(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        command
            .arg("coffee-shop")
            .args(&self.arguments)
            .args(self.releases.iter().flat_map(|releases| releases.borrow().arguments()))
            .arg("--until-stdin-ends")
            .env("SEAWORTHY_PORTAL", &self.portal)
            .env("SEAWORTHY_TOKEN", &self.token)
            .env("SEAWORTHY_ENVIRONMENT", "demo")
            // No load balancer has to notice that it goes.
            .env("SEAWORTHY_DRAIN_DELAY", "0")
            .env("SEAWORTHY_DRAIN_DEADLINE", "5000")
            .env("SEAWORTHY_SHUTDOWN_TIMEOUT", "2000")
            // Most requests go well, and lines about those would fill the disk of whoever leaves the demo running.
            .env("RUST_LOG", "warn,seaworthy_coffee_shop=info")
            // The agent tells the stacks of panics. What the standard library reads to print them too, 170 MiB of this binary, it keeps.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true);
        // Ctrl-C on the terminal is for this process, which then ends all others in order.
        #[cfg(unix)]
        command.process_group(0);
        if let Some(Addresses { listen, faults, admin }) = before {
            command.args(["--listen", &listen.to_string(), "--faults", &faults.to_string()]);
            command.envs(admin.map(|admin| ("SEAWORTHY_ADMIN_ADDRESS", admin.to_string())));
        }
        Ok(command)
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        const LINES: usize = 5;
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().rev().take(LINES).collect();
        lines.into_iter().rev().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    }
}

/// Whether a variable is set for services that do real work: their telemetry goes elsewhere, and the shop, all of it on this
/// machine, needs no proxy.
fn is_for_others(variable: &str) -> bool {
    ["OTEL_", "SEAWORTHY_"].iter().any(|prefix| variable.starts_with(prefix))
        || variable.to_ascii_lowercase().ends_with("_proxy")
}
