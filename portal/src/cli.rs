//! What the `seaworthy` command can do.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use clap::Parser;

use crate::serve::{ServeSettings, Server};

/// Know that a service is seaworthy before you ship it.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, about)]
pub enum Command {
    /// Run the portal.
    Serve(Serve),
}

/// Settings of `seaworthy serve`.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Where to listen.
    #[arg(long, env = "SEAWORTHY_LISTEN", default_value = "127.0.0.1:4680")]
    listen: SocketAddr,
    /// Folder for telemetry, and for the catalog unless --database-url is given.
    #[arg(long, env = "SEAWORTHY_DATA", default_value = "seaworthy-data")]
    data: PathBuf,
    /// Catalog on PostgreSQL: postgres://user:password@host/database
    #[arg(long, env = "SEAWORTHY_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl Command {
    /// Runs the command to its end.
    pub fn run(self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("could not start the runtime")?;
        match self {
            Self::Serve(serve) => runtime.block_on(serve.run()),
        }
    }
}

impl Serve {
    async fn run(self) -> anyhow::Result<()> {
        let settings =
            ServeSettings { listen: self.listen, data: self.data, database_url: self.database_url };
        let server = Server::start(settings).await?;
        println!("Seaworthy listens on http://{}", server.address());
        tokio::signal::ctrl_c().await.context("could not wait for Ctrl-C")?;
        server.stop().await;
        Ok(())
    }
}
