//! The reception with and without the agent, and what is around it.

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, anyhow};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
};
use reqwest::Url;
use seaworthy_agent::Agent;
use seaworthy_coffee_shop::{
    barista,
    faults::FaultSwitch,
    reception::{self, Baristas, Ledger},
};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::otel::Peer;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Served by axum itself, and logged by the writer of lines that the agent brings along: nobody runs a service without one.
    Without,
    /// Served by axum itself, and nobody listens to `tracing` at all.
    Silent,
    /// Served by the agent, every trace recorded.
    All,
    /// Served by the agent, one trace of a hundred recorded.
    Hundredth,
    /// Served by axum and measured by the peer, every trace recorded.
    PeerAll,
    /// Served by axum and measured by the peer, one trace of a hundred recorded.
    PeerHundredth,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Without, Self::Silent, Self::All, Self::Hundredth, Self::PeerAll, Self::PeerHundredth];

    /// Each has every place as often as the others, and every neighbour on either side.
    pub(crate) fn order_of(round: usize) -> [Self; Self::ALL.len()] {
        let (mut kinds, count) = (Self::ALL, Self::ALL.len());
        kinds.rotate_left(round % count);
        if round % (2 * count) >= count {
            kinds.reverse();
        }
        kinds
    }

    const fn is_of_agent(self) -> bool {
        matches!(self, Self::All | Self::Hundredth)
    }

    const fn is_of_peer(self) -> bool {
        matches!(self, Self::PeerAll | Self::PeerHundredth)
    }

    /// How many of the traces are recorded.
    const fn ratio(self) -> f64 {
        match self {
            Self::Hundredth | Self::PeerHundredth => 0.01,
            Self::Without | Self::Silent | Self::All | Self::PeerAll => 1.0,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Without => "without the agent",
            Self::Silent => "without the agent, and nobody listens to `tracing`",
            Self::All => "every trace recorded",
            Self::Hundredth => "1 % of the traces",
            Self::PeerAll => "OpenTelemetry SDK, every trace",
            Self::PeerHundredth => "OpenTelemetry SDK, 1 % of the traces",
        }
    }
}

/// What the reception needs.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Settings {
    #[arg(long)]
    kind: Kind,
    #[arg(long)]
    portal: String,
    #[arg(long)]
    barista: Url,
    #[arg(long)]
    database: PathBuf,
}

/// Serves until the process is killed.
pub(crate) fn serve(settings: Settings) -> anyhow::Result<()> {
    let runtime = seaworthy_agent::runtime().context("could not start the runtime")?;
    // Its client blocks, and so cannot be made inside of a runtime.
    let peer =
        settings.kind.is_of_peer().then(|| Peer::new(&settings.portal, settings.kind.ratio())).transpose()?;
    runtime.block_on(async {
        // Without one the reception would not start; where it is not wanted it writes lines, or does nothing.
        let agent = Agent::builder("reception")
            .portal(settings.portal)
            .admin_address(None)
            .disabled(!settings.kind.is_of_agent())
            .sample_ratio(settings.kind.ratio());
        let agent = if settings.kind == Kind::Silent { agent.without_subscriber() } else { agent };
        let agent = agent.start()?;
        let faults = FaultSwitch::default();
        let ledger = Ledger::open(&settings.database, faults.clone()).await?;
        let baristas = Baristas::new(vec![settings.barista], agent.handle())?;
        let router = reception::router(ledger, baristas, faults, std::time::Duration::ZERO);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        match &peer {
            _ if settings.kind.is_of_agent() => drop(agent.serve(listener, router).await),
            Some(peer) => axum::serve(listener, peer.measured(router)).await?,
            None => axum::serve(listener, router).await?,
        }
        Ok(())
    })
}

/// A reception that serves; ends when it is dropped.
pub(crate) struct Shop {
    pub(crate) kind: Kind,
    process: Child,
    pub(crate) url: String,
    /// Of its database.
    _folder: TempDir,
}

impl Shop {
    /// On the first core, or on all of them.
    pub(crate) fn open(kind: Kind, around: &Surroundings, on_all_cores: bool) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let name = clap::ValueEnum::to_possible_value(&kind).map(|value| value.get_name().to_owned());
        let cores = if on_all_cores {
            format!("0-{}", thread::available_parallelism()?.get() - 1)
        } else {
            "0".to_owned()
        };
        let mut process = Command::new("taskset")
            .args(["-c", &cores])
            .arg(env::current_exe()?)
            .args(["serve", "--kind", &name.unwrap_or_default(), "--portal", &around.portal])
            .args(["--barista", &around.barista, "--database"])
            .arg(folder.path().join("orders.db"))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().ok_or_else(|| anyhow!("the reception has no output"))?;
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self { kind, process, url: format!("http://{}", address.trim()), _folder: folder })
    }

    /// Seconds of CPU time that it has used.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = procfs::process::Process::new(i32::try_from(self.process.id())?)?.stat()?;
        Ok((stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A barista without an agent, and a portal that throws away what it is sent.
pub(crate) struct Surroundings {
    portal: String,
    barista: String,
}

impl Surroundings {
    pub(crate) fn start() -> anyhow::Result<Self> {
        Ok(Self {
            portal: serve_beside(Router::new().fallback(take))?,
            barista: serve_beside(barista::router(FaultSwitch::default()))?,
        })
    }
}

async fn take(request: Request) -> Result<impl axum::response::IntoResponse, StatusCode> {
    let read = axum::body::to_bytes(request.into_body(), 64 << 20).await;
    read.map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], r#"{"next_in_seconds":5}"#))
}

/// On a thread of its own until the process ends; says where.
fn serve_beside(router: Router) -> anyhow::Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            let served = async { axum::serve(TcpListener::from_std(listener)?, router).await };
            if let Err(error) = served.await {
                eprintln!("what is around the reception has ended: {error}");
            }
        });
    });
    Ok(url)
}
