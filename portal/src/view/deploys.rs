//! Deploys and rollbacks, and how the instances that they replaced ended.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{Actor, DeclaredDeploy, Deploy, DeployedBuild, Shutdown};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::fleet;
use crate::{problem::Problem, state::App};

/// Deploys listed at most.
const LISTED: u64 = 100;
/// Shutdowns looked at for them at most.
const SHUTDOWNS: u64 = 10_000;
/// Where a service has one instance, the old one may be gone for so long before the new one is seen.
const BEFORE: SignedDuration = SignedDuration::from_mins(5);

/// Which deploys to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct DeployFilter {
    /// Those of a service; of all where nothing is said.
    pub(crate) service: String,
}

/// Deploys and rollbacks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeploysView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The latest 100, latest first.
    pub(crate) deploys: Vec<DeployView>,
    /// Every service, deployed or not.
    pub(crate) services: Vec<String>,
}

/// A build of a service was put in the place of another.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct DeployView {
    /// Its id.
    pub(crate) id: i64,
    /// The service.
    pub(crate) service: String,
    /// OpenTelemetry's `deployment.environment.name`, empty where none is set.
    pub(crate) environment: String,
    /// Whether something newer was put in place, or something that had run before.
    pub(crate) kind: DeployKind,
    /// What had been deployed last before, as far as it is known.
    pub(crate) from: Option<BuildName>,
    /// What was put in place.
    pub(crate) build: BuildName,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    /// When it was over; none while it is under way, and for what no instance told of.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) ended_at: Option<Timestamp>,
    /// Seconds from the beginning to the end.
    pub(crate) seconds: Option<u64>,
    /// When an instance first told of it; none where it was declared alone.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) seen_at: Option<Timestamp>,
    /// Whether a pipeline or a person declared it, or instances alone told of it.
    pub(crate) origin: Origin,
    /// Who declared it.
    pub(crate) declared_by: Option<String>,
    /// Where more is to be seen, as whoever declared it said.
    pub(crate) link: Option<String>,
    /// How the instances ended that it replaced.
    pub(crate) drains: Drains,
}

/// What a deploy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeployKind {
    /// Something newer was put in place.
    Deploy,
    /// Something that had run before was.
    Rollback,
}

/// How the portal knows of a deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// From what instances tell.
    Seen,
    /// From a pipeline or a person, and perhaps from instances too.
    Declared,
}

/// What tells a build from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BuildName {
    /// OpenTelemetry's `service.version`.
    pub(crate) version: String,
    /// OpenTelemetry's `vcs.ref.head.revision`, empty where unknown.
    pub(crate) commit: String,
}

/// How instances of other builds ended while a build took their place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Drains {
    /// They told of their drain, and no request was aborted.
    pub(crate) clean: u64,
    /// They aborted requests, or told of no drain.
    pub(crate) not_clean: u64,
    /// They went without saying so.
    pub(crate) lost: u64,
    /// Requests that were aborted.
    pub(crate) aborted: u64,
}

/// What a pipeline or a person says of a deploy.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeployDeclaration {
    /// The service, as it calls itself. It has checked in or sent telemetry before.
    pub(crate) service: String,
    /// The environment, as instances report it; empty where they report none.
    #[serde(default)]
    pub(crate) environment: String,
    /// The version that is deployed, as instances report it.
    pub(crate) version: String,
    /// The commit it was built from, in full or its beginning.
    #[serde(default)]
    pub(crate) commit: String,
    /// When it began; now where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) started_at: Option<Timestamp>,
    /// When it was over, for one that is. Otherwise the portal sees when the last instance of another build has gone.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) ended_at: Option<Timestamp>,
    /// Where more is to be seen: an address that begins with `https://` or `http://`.
    #[serde(default)]
    pub(crate) link: String,
}

/// Loads deploys.
pub(crate) async fn load(app: &App, filter: &DeployFilter) -> Result<DeploysView, Problem> {
    let service = (!filter.service.is_empty()).then_some(filter.service.as_str());
    let deploys = app.catalog().deploys(service, LISTED).await?;
    let as_of = app.clock().now();
    Ok(DeploysView {
        as_of,
        deploys: views(app, deploys, as_of).await?,
        services: fleet::named(app, "").await?,
    })
}

/// Takes down what is said of a deploy.
pub(crate) async fn declare(
    app: &App,
    declared: DeployDeclaration,
    actor: &Actor,
) -> Result<DeployView, Problem> {
    let DeployDeclaration { service, environment, version, commit, started_at, ended_at, link } = declared;
    let declared = DeclaredDeploy { service, environment, version, commit, started_at, ended_at, link };
    let now = app.clock().now();
    let deploy = app.catalog().declare_deploy(&declared, actor, now).await?;
    let view = views(app, vec![deploy], now).await?.pop();
    view.ok_or_else(|| Problem::internal("a deploy that was declared has no view"))
}

async fn views(app: &App, deploys: Vec<Deploy>, now: Timestamp) -> Result<Vec<DeployView>, Problem> {
    let Some(first) = deploys.iter().map(|deploy| deploy.started_at).min() else { return Ok(Vec::new()) };
    let shutdowns = app.catalog().shutdowns_since(first - BEFORE, SHUTDOWNS).await?;
    Ok(deploys.into_iter().map(|deploy| view(deploy, &shutdowns, now)).collect())
}

fn view(deploy: Deploy, shutdowns: &[Shutdown], now: Timestamp) -> DeployView {
    let drains = Drains::of(&deploy, shutdowns, now);
    let (declared_by, link) = deploy.declared.map(|declared| (declared.by, declared.link)).unzip();
    let took = deploy.ended_at.map(|end| end.duration_since(deploy.started_at));
    DeployView {
        id: deploy.id,
        service: deploy.service,
        environment: deploy.environment,
        kind: match deploy.kind {
            seaworthy_catalog::DeployKind::Deploy => DeployKind::Deploy,
            seaworthy_catalog::DeployKind::Rollback => DeployKind::Rollback,
        },
        from: deploy.from.map(BuildName::from),
        build: deploy.build.into(),
        started_at: deploy.started_at,
        ended_at: deploy.ended_at,
        seconds: took.map(|took| Duration::try_from(took).unwrap_or_default().as_secs()),
        seen_at: deploy.seen_at,
        origin: if declared_by.is_some() { Origin::Declared } else { Origin::Seen },
        declared_by,
        link: link.filter(|link| !link.is_empty()),
        drains,
    }
}

impl Drains {
    fn of(deploy: &Deploy, shutdowns: &[Shutdown], now: Timestamp) -> Self {
        // What no instance told of replaced none.
        let Some(end) = deploy.seen_at.map(|_| deploy.ended_at.unwrap_or(now)) else {
            return Self::default();
        };
        let since = |shutdown: &Shutdown| match deploy.from.as_ref() == Some(&shutdown.build) {
            true => deploy.started_at - BEFORE,
            false => deploy.started_at,
        };
        let replaced = |shutdown: &&Shutdown| {
            shutdown.service == deploy.service
                && shutdown.environment == deploy.environment
                && shutdown.build != deploy.build
                && (since(shutdown)..=end).contains(&shutdown.at)
        };
        let mut drains = Self::default();
        for shutdown in shutdowns.iter().filter(replaced) {
            match (shutdown.lost, shutdown.clean) {
                (true, _) => drains.lost += 1,
                (false, true) => drains.clean += 1,
                (false, false) => drains.not_clean += 1,
            }
            drains.aborted += shutdown.aborted;
        }
        drains
    }
}

impl From<DeployedBuild> for BuildName {
    fn from(DeployedBuild { version, commit }: DeployedBuild) -> Self {
        Self { version, commit }
    }
}
