//! `seaworthy apply`: makes the SLOs of a portal what files say.

mod folder;
mod portal;
mod told;

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use seaworthy_openslo::Source;
use url::Url;

use crate::{
    files::{File, Files, Finding, Plan},
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
    /// Folder with files of OpenSLO (.yaml, .yml), at any depth; or one file.
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
    /// Delete SLOs that came from a file and are in none of these files, with all their minutes.
    #[arg(long)]
    prune: bool,
}

impl Apply {
    /// Runs the command to its end.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let files = folder::read(&self.dir)?;
        let mistakes = mistakes(&files);
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

/// Applies what was shown, and nothing else: should an SLO have changed meanwhile, the portal refuses.
async fn apply(portal: &Remote, files: Files, plan: Plan) -> anyhow::Result<ExitCode> {
    let applied = portal::apply(portal, &Files { seen: Some(plan.seen), ..files }).await?;
    if !applied.mistakes.is_empty() {
        return Ok(refused(&applied.mistakes));
    }
    if applied.changes != plan.changes {
        bail!("the portal did something else than it had planned; look at its audit log");
    }
    println!("Applied.");
    Ok(ExitCode::SUCCESS)
}

/// What is wrong with files, whatever the portal has.
fn mistakes(files: &[File]) -> Vec<Finding> {
    let sources: Vec<_> = files.iter().map(|file| Source { file: &file.name, yaml: &file.yaml }).collect();
    let refused = seaworthy_openslo::import(&sources).err();
    refused.into_iter().flat_map(|refused| refused.errors).map(Finding::from).collect()
}

fn refused(mistakes: &[Finding]) -> ExitCode {
    for mistake in mistakes {
        eprintln!("{mistake}");
    }
    eprintln!("Nothing was changed.");
    ExitCode::FAILURE
}
