//! Deploys that a pipeline or a person declares.
//!
//! What is declared and what instances tell of is one deploy where the build is the same and the times are within an hour.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use super::{
    deploy::{Deploy, FIRST, deploy, kind_to_column},
    follow::{latest, place_of_tip, turns},
    recognise::{DeployKind, DeployedBuild, kind_of},
};
use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::{
        deploy::{ActiveModel, Column, Entity, Model},
        service,
    },
    text, time,
};

/// So far apart what is declared and what is seen may be.
const APART_MS: i64 = 3_600_000;
/// So far ahead of the portal's clock another may be.
const AHEAD_MS: i64 = 60_000;
/// Deploys looked at to find the one that is declared.
const LOOKED_AT: u64 = 50;

/// What is said of a deploy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredDeploy {
    /// The service. It has checked in or sent telemetry before.
    pub service: String,
    /// OpenTelemetry's `deployment.environment.name`, empty where instances set none.
    pub environment: String,
    /// OpenTelemetry's `service.version`.
    pub version: String,
    /// OpenTelemetry's `vcs.ref.head.revision`, in full or its beginning; empty where the version says enough.
    pub commit: String,
    /// When it began; none for now, or when it was seen to begin.
    pub started_at: Option<Timestamp>,
    /// When it was over; none for when it will be seen to be.
    pub ended_at: Option<Timestamp>,
    /// Where more is to be seen, empty where nowhere: an address that begins with `https://` or `http://`.
    pub link: String,
}

impl Catalog {
    /// Declares a deploy. To declare again what was declared or seen within an hour adds to it.
    pub async fn declare_deploy(
        &self,
        declared: &DeclaredDeploy,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Deploy, CatalogError> {
        let declared = checked(declared, time::to_column(now))?;
        let transaction = self.begin().await?;
        // Check-ins of the service wait for this, and this for them.
        let service = service::Entity::find()
            .filter(service::Column::Name.eq(declared.service.as_str()))
            .lock_exclusive()
            .one(&transaction)
            .await?;
        let Some(service) = service else {
            return Err(CatalogError::Refused {
                field: "service",
                rule: "must be one that has checked in or sent telemetry; none of this name has",
            });
        };
        let row = match known(&transaction, service.id, &declared, time::to_column(now)).await? {
            Some(row) => join(&transaction, row, &declared, actor, now).await?,
            None => insert(&transaction, service.id, &declared, actor, now).await?,
        };
        accounts::note(&transaction, actor, "declared a deploy", &subject(&declared), now).await?;
        transaction.commit().await?;
        deploy(row, Some(service.name))
    }
}

fn subject(declared: &DeclaredDeploy) -> String {
    let DeclaredDeploy { service, environment, version, .. } = declared;
    let place = if environment.is_empty() { String::new() } else { format!(" in {environment}") };
    format!("{version} of {service}{place}")
}

fn checked(declared: &DeclaredDeploy, now: i64) -> Result<DeclaredDeploy, CatalogError> {
    let refused = |field, rule| Err(CatalogError::Refused { field, rule });
    let optional = |field, text: &str| match text.trim() {
        "" => Ok(String::new()),
        text => text::name(field, text).map(str::to_owned),
    };
    let late = |at: &Timestamp| time::to_column(*at) > now + AHEAD_MS;
    let DeclaredDeploy { service, environment, version, commit, started_at, ended_at, link } = declared;
    if started_at.as_ref().is_some_and(late) {
        return refused("started_at", "must not be in the future");
    }
    if ended_at.as_ref().is_some_and(late) {
        return refused("ended_at", "must not be in the future");
    }
    if ended_at.zip(*started_at).is_some_and(|(end, start)| end < start) {
        return refused("ended_at", "must not be before started_at");
    }
    let link = optional("link", link)?;
    if !link.is_empty() && !link.starts_with("https://") && !link.starts_with("http://") {
        return refused("link", "must begin with https:// or http://");
    }
    Ok(DeclaredDeploy {
        service: text::name("service", service.trim())?.to_owned(),
        environment: optional("environment", environment)?,
        version: text::name("version", version.trim())?.to_owned(),
        commit: optional("commit", commit)?,
        started_at: *started_at,
        ended_at: *ended_at,
        link,
    })
}

/// The deploy that is declared, if instances told of it already or it was declared before.
async fn known(
    transaction: &DatabaseTransaction,
    service_id: i64,
    declared: &DeclaredDeploy,
    now: i64,
) -> Result<Option<Model>, DbErr> {
    let at = declared.started_at.map_or(now, time::to_column);
    let near = |row: &Model| {
        let end = row.declared_end.or(row.settled_at);
        // What was declared alone is not seen to end.
        let end = end.unwrap_or(if row.turn.is_some() { now } else { row.started_at });
        (row.started_at - APART_MS..=end.max(row.started_at) + APART_MS).contains(&at)
    };
    let rows = of_version(service_id, &declared.environment, &declared.version).all(transaction).await?;
    Ok(rows.into_iter().find(|row| near(row) && same_commit(&declared.commit, &row.commit)))
}

/// What was declared and waits for an instance to tell of it.
pub(super) async fn waiting(
    transaction: &DatabaseTransaction,
    service_id: i64,
    environment: &str,
    build: &DeployedBuild,
    seen_at: i64,
) -> Result<Option<Model>, DbErr> {
    let rows = of_version(service_id, environment, &build.version)
        .filter(Column::Turn.is_null())
        .filter(Column::StartedAt.between(seen_at - APART_MS, seen_at + APART_MS))
        .all(transaction)
        .await?;
    Ok(rows.into_iter().find(|row| same_commit(&row.commit, &build.commit)))
}

fn of_version(service_id: i64, environment: &str, version: &str) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::ServiceId.eq(service_id))
        .filter(Column::Environment.eq(environment))
        .filter(Column::Version.eq(version))
        .order_by_desc(Column::StartedAt)
        .order_by_desc(Column::Id)
        .limit(LOOKED_AT)
}

/// Whether two name the same commit, as far as they say. People and pipelines shorten them.
fn same_commit(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// The place of a build that people name in the order in which builds first ran.
async fn place(
    transaction: &DatabaseTransaction,
    service_id: i64,
    environment: &str,
    build: &DeployedBuild,
) -> Result<Option<i64>, DbErr> {
    let rows = turns(service_id, environment)
        .filter(Column::Version.eq(build.version.as_str()))
        .order_by_asc(Column::Turn)
        .limit(LOOKED_AT)
        .all(transaction)
        .await?;
    Ok(rows.into_iter().find(|row| same_commit(&row.commit, &build.commit)).and_then(|row| row.turn))
}

async fn join(
    transaction: &DatabaseTransaction,
    row: Model,
    declared: &DeclaredDeploy,
    actor: &Actor,
    now: Timestamp,
) -> Result<Model, CatalogError> {
    let started_at = declared.started_at.map_or(row.started_at, time::to_column);
    let declared_end = declared.ended_at.map(time::to_column).or(row.declared_end);
    if declared_end.is_some_and(|end| end < started_at) {
        return Err(CatalogError::Refused { field: "ended_at", rule: "must not be before the deploy began" });
    }
    let kind =
        if row.kind == FIRST { kind_to_column(DeployKind::Deploy).to_owned() } else { row.kind.clone() };
    let link = if declared.link.is_empty() { row.link.clone() } else { declared.link.clone() };
    let row = ActiveModel {
        kind: Set(kind),
        started_at: Set(started_at),
        declared_at: Set(Some(time::to_column(now))),
        declared_by: Set(Some(text::detail(&actor.login))),
        declared_end: Set(declared_end),
        link: Set(link),
        ..row.into_active_model()
    };
    Ok(row.update(transaction).await?)
}

async fn insert(
    transaction: &DatabaseTransaction,
    service_id: i64,
    declared: &DeclaredDeploy,
    actor: &Actor,
    now: Timestamp,
) -> Result<Model, CatalogError> {
    let DeclaredDeploy { environment, version, commit, started_at, ended_at, link, .. } = declared;
    let build = DeployedBuild { version: version.clone(), commit: commit.clone() };
    let tip = latest(transaction, service_id, environment).await?;
    let kind = match &tip {
        None => DeployKind::Deploy,
        Some(tip) => {
            let place = place(transaction, service_id, environment, &build).await?;
            kind_of(place, false, place_of_tip(transaction, tip).await?)
        }
    };
    let row = ActiveModel {
        service_id: Set(service_id),
        environment: Set(environment.clone()),
        kind: Set(kind_to_column(kind).to_owned()),
        version: Set(build.version),
        commit: Set(build.commit),
        from_version: Set(tip.as_ref().map(|tip| tip.version.clone())),
        from_commit: Set(tip.map(|tip| tip.commit)),
        started_at: Set(time::to_column(started_at.unwrap_or(now))),
        declared_at: Set(Some(time::to_column(now))),
        declared_by: Set(Some(text::detail(&actor.login))),
        declared_end: Set(ended_at.map(time::to_column)),
        link: Set(link.clone()),
        ..Default::default()
    };
    Ok(row.insert(transaction).await?)
}
