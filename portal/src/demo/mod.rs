//! `seaworthy demo`: a portal and a coffee shop to watch, with one command.
//!
//! The portal runs in this process. Each service of the shop is a process of its own, as services are.

mod account;
mod customers;
mod folder;
mod mishaps;
mod objectives;
mod orchestrator;
mod outside;
mod profiles;
mod releases;
mod rhythm;
mod shop;
mod staff;
mod terminal;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use ipnet::IpNet;
use reqwest::Client;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    alerts::{AddressGuard, OutgoingSettings},
    serve::{ServeSettings, Server},
    state::AppSettings,
    stop::AskedToStop,
};
use folder::Folder;
use releases::{Pipeline, RELEASES};
use shop::{Shop, ShopSettings};
use terminal::say;

const USUAL_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4680);
/// Customers who wait longer give up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Settings of `seaworthy demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Folder to keep everything in. Without it, a temporary one that is removed at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the portal listens. Without it 127.0.0.1:4680, or a free port if that one is taken.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Demo {
    /// Runs until it is asked to stop, and leaves no process and no temporary folder behind.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut asked = AskedToStop::listen()?;
        let folder = Folder::open(self.data)?;
        let stop = CancellationToken::new();
        let ended = tokio::select! {
            ended = watch_a_shop(&folder, self.listen, stop.clone()) => ended,
            () = asked_twice(&mut asked, &stop) => Ok(()),
        };
        folder.close()?;
        ended?;
        say("Stopped.");
        Ok(())
    }
}

/// The first time asks to stop, the second to stop at once.
async fn asked_twice(asked: &mut AskedToStop, stop: &CancellationToken) {
    asked.next().await;
    say("\nStopping. Press Ctrl-C once more to stop at once.");
    stop.cancel();
    asked.next().await;
}

async fn watch_a_shop(
    folder: &Folder,
    listen: Option<SocketAddr>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let server = start_portal(folder.path(), listen).await?;
    let ended = open_shop(&server, folder, stop).await;
    let revoked = account::revoke_tokens(server.app()).await;
    server.stop().await;
    ended.and(revoked)
}

async fn start_portal(data: &Path, listen: Option<SocketAddr>) -> anyhow::Result<Server> {
    let AppSettings { public_url, trust_proxy, retention_days, .. } = AppSettings::default();
    let settings = ServeSettings {
        listen: listen.unwrap_or(USUAL_ADDRESS),
        data: data.to_owned(),
        database_url: None,
        public_url,
        trust_proxy,
        retention_days,
        outgoing: outgoing(),
    };
    match Server::start(settings.clone()).await {
        Err(error) if listen.is_none() && is_taken(&error) => {
            terminal::other_port(USUAL_ADDRESS);
            Server::start(ServeSettings { listen: SocketAddr::new(USUAL_ADDRESS.ip(), 0), ..settings }).await
        }
        started => started,
    }
}

/// Whoever tries the demo has a receiver, if any, on this machine.
fn outgoing() -> OutgoingSettings {
    let loopback = [
        IpNet::new_assert(Ipv4Addr::LOCALHOST.into(), 8),
        IpNet::new_assert(Ipv6Addr::LOCALHOST.into(), 128),
    ];
    let guard = AddressGuard { allowed: loopback.into(), refuse_private: false };
    OutgoingSettings { guard, ..OutgoingSettings::default() }
}

fn is_taken(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

/// Opens the shop, and closes it when asked to stop.
async fn open_shop(server: &Server, folder: &Folder, stop: CancellationToken) -> anyhow::Result<()> {
    let settings = ShopSettings {
        folder: folder.path().join("coffee-shop"),
        portal: shop::url(from_here(server.address())),
        token: account::make_token(server.app()).await?.reveal().to_owned(),
    };
    let pipeline = Arc::new(watch::Sender::new(RELEASES[0]));
    let shop = Shop::open(&settings, &pipeline).await?;
    let ended = match stop.is_cancelled() {
        true => Ok(()),
        false => run_shop(&shop, pipeline, server, folder, stop).await,
    };
    shop.close().await;
    ended
}

/// Says how to look on, and lets customers and mishaps come until asked to stop.
async fn run_shop(
    shop: &Shop,
    pipeline: Pipeline,
    server: &Server,
    folder: &Folder,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    // Not before all is open: an account whose password nobody gets to see would spoil the folder.
    let account = account::make_admin(server.app()).await?;
    objectives::make(server.app()).await?;
    let reception = shop::url(shop.reception.addresses().listen);
    outside::tell(server.app(), &reception).await?;
    let pages = terminal::Pages {
        portal: shop::url(from_here(server.address())),
        faults: shop::url(shop.reception.addresses().faults),
        releases: shop::url(releases::open(pipeline, stop.clone()).await?),
    };
    terminal::welcome(&pages, &account, folder.given());
    let http = client()?;
    let (profiles, ..) = tokio::join!(
        profiles::take(server.app(), stop.clone()),
        customers::come(http.clone(), reception, stop.clone()),
        mishaps::happen(http.clone(), mishaps::Switches::of(shop), stop.clone()),
        orchestrator::probe(http, shop.admin_addresses(), stop),
    );
    profiles
}

/// How this machine reaches a listener; one on all addresses is reached on loopback.
fn from_here(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listens.port())
}

fn client() -> anyhow::Result<Client> {
    // Reqwest leaves the choice of a TLS library to the program. An error says that it is made already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().timeout(PATIENCE).build();
    client.context("could not make an HTTP client")
}
