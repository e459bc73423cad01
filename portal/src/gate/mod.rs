//! `seaworthy gate`: asks a portal whether a service may be released.

mod junit;
mod table;

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::ValueEnum;
use seaworthy_checklist::Level;
use url::Url;

use crate::{
    remote::{self, Remote, under},
    view::readiness::gate::GateView,
    web::link,
};

/// The exit code where nobody can say whether the service may be released. Clap takes the same for wrong arguments.
const NOT_JUDGED: u8 = 2;

/// Settings of `seaworthy gate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 when all that is asked holds, 1 when something does not, 2 when it could not be judged: wrong \
    arguments, no such service, a portal that does not answer, or a service that was not judged yet."
)]
pub struct Gate {
    /// The service, as it calls itself.
    service: String,
    /// The level that it must have reached.
    #[arg(long, value_parser = level, value_name = "bronze|silver|gold")]
    level: Level,
    /// Also fail when an SLO of it has spent its budget.
    #[arg(long)]
    budget: bool,
    /// Judge by this template alone, and not by all that are for the service.
    #[arg(long, value_name = "ID")]
    template: Option<String>,
    /// The version about to be released: fail when the service was judged on another build.
    #[arg(long, value_name = "VERSION")]
    build: Option<String>,
    /// How to tell the outcome.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where to write it, instead of to the terminal, which then shows the table.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The portal: https://seaworthy.example
    #[arg(long, env = "SEAWORTHY_PORTAL")]
    portal: Url,
    /// A token of scope read.
    #[arg(long, env = "SEAWORTHY_TOKEN", hide_env_values = true)]
    token: String,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// What fails, why, and how to mend it.
    #[default]
    Table,
    /// All that was asked, as the portal's API tells it.
    Json,
    /// A report that CI systems read: a test case for each item.
    Junit,
}

fn level(name: &str) -> Result<Level, String> {
    Level::named(name).ok_or_else(|| "it is one of bronze, silver and gold".to_owned())
}

impl Gate {
    /// Runs the command to its end.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.judge().await {
            Ok(true) => Ok(ExitCode::SUCCESS),
            Ok(false) => Ok(ExitCode::FAILURE),
            Err(error) => {
                eprintln!("seaworthy: {error:#}");
                Ok(ExitCode::from(NOT_JUDGED))
            }
        }
    }

    async fn judge(&self) -> anyhow::Result<bool> {
        let mut gate = self.ask().await?;
        for link in gate.links() {
            *link = under(&self.portal, link.trim_start_matches('/'))?.to_string();
        }
        let told = match self.format {
            Format::Table => table::of(&gate),
            Format::Json => serde_json::to_string_pretty(&gate)? + "\n",
            Format::Junit => junit::of(&gate)?,
        };
        match &self.output {
            None => print!("{told}"),
            Some(file) => {
                fs::write(file, told).with_context(|| format!("could not write {}", file.display()))?;
                print!("{}", table::of(&gate));
            }
        }
        Ok(gate.passes)
    }

    async fn ask(&self) -> anyhow::Result<GateView> {
        let portal = Remote::at(&self.portal, &self.token)?;
        let mut query = vec![("level", self.level.as_str())];
        query.extend(self.budget.then_some(("budget", "true")));
        query.extend(self.template.as_deref().map(|template| ("template", template)));
        query.extend(self.build.as_deref().map(|build| ("build", build)));
        let path = format!("api/v1{}/gate", link::service(&self.service));
        let response = portal.get(&path, &query).await?;
        if !response.status().is_success() {
            return remote::refused(response).await;
        }
        let address = response.url().clone();
        response.json().await.with_context(|| format!("{address} did not answer as a portal does"))
    }
}
