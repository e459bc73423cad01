//! `seaworthy apply`: makes a portal what files say.

mod folder;
mod portal;
mod told;

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use url::Url;

use crate::{
    files::{self, Change, Files, Finding, Kind, Plan, What},
    remote::Remote,
};

/// The exit code of a dry run that found something to do.
const SOMETHING_TO_DO: u8 = 3;

/// Settings of `seaworthy apply`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 when everything is as the files say, 1 for mistakes in files and for what went wrong, \
    2 for wrong arguments, 3 for a dry run that found something to do."
)]
pub struct Apply {
    /// Folder with SLOs (OpenSLO), templates and services (.yaml, .yml), and runbooks (.md), at any depth; or one file.
    dir: PathBuf,
    /// The portal: https://seaworthy.example
    #[arg(long, env = "SEAWORTHY_PORTAL")]
    portal: Url,
    /// A token of scope write; scope read is enough for a dry run.
    #[arg(long, env = "SEAWORTHY_TOKEN", hide_env_values = true)]
    token: String,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// End what came from a file and is in none of these: SLOs and runbooks are deleted, answers taken back, templates taken out of use.
    #[arg(long)]
    prune: bool,
}

impl Apply {
    /// Runs the command to its end.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let files = folder::read(&self.dir)?;
        let mistakes = files::mistakes(&files);
        if !mistakes.is_empty() {
            return Ok(refused(&mistakes));
        }
        let portal = Remote::at(&self.portal, &self.token)?;
        let files = Files { files, prune: self.prune, seen: None };
        let plan = portal::plan(&portal, &files).await?;
        print!("{}", told::plan(&plan));
        if !plan.mistakes.is_empty() {
            return Ok(refused(&plan.mistakes));
        }
        if !plan.changes_anything() {
            println!("Everything is as the files say.");
            return Ok(ExitCode::SUCCESS);
        }
        if self.dry_run {
            println!("Nothing was changed: this was a dry run.");
            return Ok(ExitCode::from(SOMETHING_TO_DO));
        }
        apply(&portal, files, plan).await
    }
}

/// Applies what was shown, and nothing else: should any of it have changed meanwhile, the portal refuses.
async fn apply(portal: &Remote, files: Files, plan: Plan) -> anyhow::Result<ExitCode> {
    let applied = portal::apply(portal, &Files { seen: Some(plan.seen.clone()), ..files }).await?;
    if !applied.mistakes.is_empty() {
        return Ok(refused(&applied.mistakes));
    }
    if becomes(&applied) != becomes(&plan) {
        bail!("the portal did something else than it had planned; look at its audit log");
    }
    println!("Applied.");
    Ok(ExitCode::SUCCESS)
}

/// What becomes of what. Differences may be told in other lines.
fn becomes(plan: &Plan) -> Vec<(Kind, &str, What)> {
    plan.changes.iter().map(|Change { kind, name, what, .. }| (*kind, name.as_str(), *what)).collect()
}

fn refused(mistakes: &[Finding]) -> ExitCode {
    for mistake in mistakes {
        eprintln!("{mistake}");
    }
    eprintln!("Nothing was changed.");
    ExitCode::FAILURE
}
