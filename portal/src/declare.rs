//! `seaworthy deploy`: tells a portal of a deploy.

use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;
use url::Url;

use crate::{
    remote::{self, Remote},
    view::deploys::{DeployDeclaration, DeployKind, DeployView},
};

/// Settings of `seaworthy deploy`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A portal recognises deploys by itself from the versions that instances report. A pipeline knows more: \
    when it began, what it was called, where its log is. Both become one deploy where the version is the same and they are \
    less than an hour apart."
)]
pub struct Deploy {
    /// The service, as it calls itself.
    service: String,
    /// The version that is deployed, as instances report it: 1.9.0
    #[arg(long)]
    version: String,
    /// The commit it was built from, in full or its beginning.
    #[arg(long, default_value = "")]
    commit: String,
    /// The environment, as instances report it: production. Nothing where they report none.
    #[arg(long, default_value = "")]
    environment: String,
    /// Where more is to be seen, such as the pipeline's run.
    #[arg(long, default_value = "")]
    link: String,
    /// When it began: 2026-11-20T12:00:00Z. Now where nothing is said.
    #[arg(long, value_name = "TIME")]
    started_at: Option<Timestamp>,
    /// When it was over, for one that is. Otherwise the portal sees when the last instance of another version has gone.
    #[arg(long, value_name = "TIME")]
    ended_at: Option<Timestamp>,
    /// The portal: https://seaworthy.example
    #[arg(long, env = "SEAWORTHY_PORTAL")]
    portal: Url,
    /// A token of scope write.
    #[arg(long, env = "SEAWORTHY_TOKEN", hide_env_values = true)]
    token: String,
}

impl Deploy {
    /// Runs the command to its end.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let portal = Remote::at(&self.portal, &self.token)?;
        let declared = DeployDeclaration {
            service: self.service,
            environment: self.environment,
            version: self.version,
            commit: self.commit,
            started_at: self.started_at,
            ended_at: self.ended_at,
            link: self.link,
        };
        let response = portal.post("api/v1/deploys", &declared).await?;
        if !response.status().is_success() {
            return remote::refused(response).await;
        }
        let address = response.url().clone();
        let deploy: DeployView =
            response.json().await.with_context(|| format!("{address} did not answer as a portal does"))?;
        println!("{}", told(&deploy));
        Ok(ExitCode::SUCCESS)
    }
}

fn told(deploy: &DeployView) -> String {
    let DeployView { service, environment, build, kind, from, seen_at, .. } = deploy;
    let place = if environment.is_empty() { String::new() } else { format!(" in {environment}") };
    let from = from.as_ref().map(|from| format!(" from {}", from.version)).unwrap_or_default();
    let what = match kind {
        DeployKind::Deploy => "deploy",
        DeployKind::Rollback => "rollback",
    };
    let seen =
        if seen_at.is_some() { "An instance has told of it." } else { "No instance has told of it yet." };
    format!("Told of the {what} of {service}{place}{from} to {}. {seen}", build.version)
}
