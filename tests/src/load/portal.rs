//! The portal under load: a process of its own, which ends with whoever started it.

use std::{net::SocketAddr, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use procfs::process::Process;
use seaworthy_catalog::{Actor, Scope, Scopes};
use seaworthy_portal::{ServeSettings, Server, alerts::OutgoingSettings};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// How to reach a portal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Door {
    pub(super) address: SocketAddr,
    /// May ingest and read.
    pub(super) token: String,
}

/// A running portal.
pub(super) struct Portal {
    child: Child,
    pub(super) door: Door,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Usage {
    /// CPU time, in seconds.
    pub(super) cpu_seconds: f64,
    /// The most memory it ever held, in bytes; pages of files that it maps are among it.
    pub(super) memory_high_water: u64,
    /// Memory of its own that it holds now, in bytes; without pages of files.
    pub(super) memory_own: u64,
}

impl Portal {
    /// Starts this program once more, as a portal on this folder.
    pub(super) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("portal")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the portal could not be started")?;
        let mut line = String::new();
        let output = child.stdout.take().context("the portal has no output")?;
        timeout(PATIENCE, BufReader::new(output).read_line(&mut line))
            .await
            .context("the portal is slow to start")??;
        ensure!(!line.is_empty(), "the portal did not start; what it said stands above");
        Ok(Self { child, door: serde_json::from_str(&line)? })
    }

    pub(super) fn usage(&self) -> anyhow::Result<Usage> {
        usage_of(self.child.id().context("the portal has ended")?)
    }

    /// Asks it to end, and waits until it has.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        let status = timeout(PATIENCE, self.child.wait()).await.context("the portal does not end")??;
        ensure!(status.success(), "the portal ended with {status}");
        Ok(())
    }
}

impl Usage {
    /// What came since an earlier look; the memory is that of now.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self { cpu_seconds: self.cpu_seconds - earlier.cpu_seconds, ..self }
    }
}

/// What a process has used so far.
pub(super) fn usage_of(pid: u32) -> anyhow::Result<Usage> {
    let process = Process::new(pid.try_into()?)?;
    let (stat, status) = (process.stat()?, process.status()?);
    Ok(Usage {
        cpu_seconds: (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64,
        memory_high_water: status.vmhwm.unwrap_or_default() << 10,
        memory_own: status.rssanon.unwrap_or_default() << 10,
    })
}

/// The other process: serves until the standard input ends.
pub(super) async fn serve(folder: &Path) -> anyhow::Result<()> {
    let server = Server::start(ServeSettings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data: folder.to_owned(),
        database_url: None,
        public_url: None,
        trust_proxy: false,
        outgoing: OutgoingSettings::default(),
        retention_days: 14,
    })
    .await?;
    let scopes = Scopes::new([Scope::Ingest, Scope::Read]).context("no scopes")?;
    let actor = Actor { login: "load".into(), address: String::new() };
    let catalog = server.app().catalog();
    let (_, token) = catalog.create_token("load", scopes, None, &actor, jiff::Timestamp::now()).await?;
    let door = Door { address: server.address(), token: token.reveal().to_owned() };
    println!("{}", serde_json::to_string(&door)?);
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    server.stop().await;
    Ok(())
}
