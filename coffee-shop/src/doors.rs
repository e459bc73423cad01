//! Where a service listens, and how whoever started it learns of that.

use std::{
    io::{Write, sink, stdin, stdout},
    net::SocketAddr,
    thread,
};

use anyhow::Context;
use seaworthy_agent::Handle;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::faults::{self, FaultSwitch};

/// Where a service should listen.
#[derive(Clone, Debug, clap::Args)]
pub struct DoorArgs {
    /// Where to listen for requests; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to listen for `PUT /faults`: a loopback address.
    #[arg(long, default_value = "127.0.0.1:0", value_parser = loopback)]
    faults: SocketAddr,
    /// Drain and end when standard input ends, as it does with the process that holds its other end.
    #[arg(long)]
    until_stdin_ends: bool,
}

/// The addresses of a running service. It prints them on standard output as one line of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Of its requests.
    pub listen: SocketAddr,
    /// Of `PUT /faults`.
    pub faults: SocketAddr,
    /// Of the agent's admin endpoints; none where they are off.
    pub admin: Option<SocketAddr>,
}

/// Listeners of a service that has not opened yet.
#[derive(Debug)]
pub struct Doors {
    requests: TcpListener,
    faults: TcpListener,
    until_stdin_ends: bool,
}

impl Doors {
    /// Takes the addresses.
    pub async fn take(args: &DoorArgs) -> anyhow::Result<Self> {
        Ok(Self {
            requests: bind(args.listen, "--listen").await?,
            faults: bind(args.faults, "--faults").await?,
            until_stdin_ends: args.until_stdin_ends,
        })
    }

    /// Opens: says where, and lets faults be switched. What is left to do is to serve requests on the returned listener.
    pub fn open(self, agent: &Handle, switch: &FaultSwitch) -> anyhow::Result<TcpListener> {
        let (listen, faults) = (self.requests.local_addr()?, self.faults.local_addr()?);
        tokio::spawn(switch.clone().misbehave_besides());
        let switch = faults::router(switch.clone());
        tokio::spawn(async move { axum::serve(self.faults, switch).await });
        if self.until_stdin_ends {
            let agent = agent.clone();
            // A thread of our own: one of the runtime would keep it from ending while standard input stays open.
            thread::Builder::new().name("stdin".into()).spawn(move || {
                // An error ends the wait just as well.
                let _ = std::io::copy(&mut stdin().lock(), &mut sink());
                agent.shut_down();
            })?;
        }
        let addresses = Addresses { listen, faults, admin: agent.admin_address() };
        writeln!(stdout(), "{}", serde_json::to_string(&addresses)?)?;
        Ok(self.requests)
    }
}

async fn bind(address: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("could not listen on {address}; choose another address with {option}"))
}

/// Whoever reaches the switch for faults can break the service.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(address),
        _ => Err("must be an address of this machine alone, like 127.0.0.1:4690".to_owned()),
    }
}
