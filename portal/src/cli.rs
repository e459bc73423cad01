//! What the `seaworthy` command can do.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use ipnet::IpNet;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::{
    alerts::{AddressGuard, MailSettings, OutgoingSettings},
    apply::Apply,
    declare::Deploy,
    demo::Demo,
    gate::Gate,
    logging,
    serve::{ServeSettings, Server},
    stop::AskedToStop,
};

/// Know that a service is seaworthy before you ship it.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, about)]
pub enum Command {
    /// Run the portal.
    Serve(Serve),
    /// See it at work: a portal that watches a small coffee shop.
    Demo(Demo),
    /// Make the SLOs of a portal what files of OpenSLO say.
    Apply(Apply),
    /// Tell a portal of a deploy.
    Deploy(Deploy),
    /// Say whether a service may be released, for a pipeline.
    Gate(Gate),
    /// Run one service of the demo's coffee shop.
    #[command(hide = true, subcommand)]
    CoffeeShop(seaworthy_coffee_shop::Service),
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
    /// Where people and agents reach the portal; https makes cookies Secure.
    #[arg(long, env = "SEAWORTHY_PUBLIC_URL", value_parser = public_url)]
    public_url: Option<Url>,
    /// A proxy before the portal writes X-Forwarded-For: take the addresses of people from there.
    #[arg(long, env = "SEAWORTHY_TRUST_PROXY")]
    trust_proxy: bool,
    /// Days for which telemetry is kept.
    #[arg(long, env = "SEAWORTHY_RETENTION_DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=3650))]
    retention_days: u32,
    #[command(flatten)]
    outgoing: Outgoing,
}

/// What `seaworthy serve` may dial, and how.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Messages of alerts, and looking at services from outside")]
struct Outgoing {
    /// Addresses that channels and URLs of services may lead to though they are loopback, link-local or otherwise guarded:
    /// 127.0.0.1/32,…
    #[arg(long, env = "SEAWORTHY_ALLOW_OUTGOING", value_name = "CIDR", value_delimiter = ',')]
    allow_outgoing: Vec<IpNet>,
    /// Neither channels nor URLs of services may lead to private addresses, such as 10.0.0.0/8, unless --allow-outgoing has
    /// them.
    #[arg(long, env = "SEAWORTHY_REFUSE_PRIVATE")]
    refuse_private: bool,
    /// Server that takes mail: smtps://user:password@host, smtp://user:password@host:587 (STARTTLS) or smtp://relay:25
    #[arg(
        long,
        env = "SEAWORTHY_SMTP_URL",
        hide_env_values = true,
        value_name = "URL",
        requires = "mail_from"
    )]
    smtp_url: Option<String>,
    /// Whom mail is from: "Seaworthy <seaworthy@shop.example>"
    #[arg(long, env = "SEAWORTHY_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
}

impl Outgoing {
    fn settings(self) -> anyhow::Result<OutgoingSettings> {
        let guard = AddressGuard { allowed: self.allow_outgoing, refuse_private: self.refuse_private };
        let mail =
            self.smtp_url.zip(self.mail_from).map(|(url, from)| MailSettings::new(&url, &from)).transpose();
        let mail = mail.context("mail cannot be sent with --smtp-url and --mail-from")?;
        Ok(OutgoingSettings { guard, mail, ..OutgoingSettings::default() })
    }
}

/// A portal lives at the root of its host: pages and cookies say `/`.
fn public_url(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url)
            if ["http", "https"].contains(&url.scheme()) && url.path() == "/" && url.query().is_none() =>
        {
            Ok(url)
        }
        _ => Err("write it like https://seaworthy.example, without a path".to_owned()),
    }
}

impl Command {
    /// Runs the command to its end.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Serve(serve) => {
                logging::start(logging::OF_A_PORTAL)?;
                of_the_right_size()?.block_on(serve.run())?;
            }
            Self::Demo(demo) => {
                logging::start("warn")?;
                of_the_right_size()?.block_on(demo.run())?;
            }
            // It logs through its agent.
            Self::CoffeeShop(service) => of_the_right_size()?.block_on(service.run())?,
            Self::Apply(apply) => return runtime(Builder::new_current_thread())?.block_on(apply.run()),
            Self::Deploy(deploy) => return runtime(Builder::new_current_thread())?.block_on(deploy.run()),
            Self::Gate(gate) => return runtime(Builder::new_current_thread())?.block_on(gate.run()),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// For what serves.
fn of_the_right_size() -> anyhow::Result<Runtime> {
    seaworthy_agent::runtime().context("could not start the runtime")
}

fn runtime(mut builder: Builder) -> anyhow::Result<Runtime> {
    builder.enable_all().build().context("could not start the runtime")
}

impl Serve {
    async fn run(self) -> anyhow::Result<()> {
        let settings = ServeSettings {
            listen: self.listen,
            data: self.data,
            database_url: self.database_url,
            public_url: self.public_url,
            trust_proxy: self.trust_proxy,
            retention_days: self.retention_days,
            outgoing: self.outgoing.settings()?,
        };
        let server = Server::start(settings).await?;
        let mut asked = AskedToStop::listen()?;
        println!("Seaworthy listens on {}", server.url());
        if let Some(url) = server.set_up_url().await? {
            println!("Nobody can sign in yet. Make the first admin: {url}");
        }
        asked.next().await;
        tracing::info!("stopping; ask once more to stop at once");
        tokio::select! {
            () = server.stop() => {}
            () = asked.next() => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_the_root_of_a_host() {
        for good in ["https://seaworthy.example", "http://127.0.0.1:4680/"] {
            assert!(public_url(good).is_ok(), "{good}");
        }
        for bad in
            ["seaworthy.example", "https://x.example/portal", "ftp://x.example", "https://x.example/?a", ""]
        {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }
}
