//! How instances ended.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::OnConflict,
};
use seaworthy_protocol::{CheckIn, InstanceState};

use super::recognise::DeployedBuild;
use crate::{
    Catalog, CatalogError,
    entity::{
        instance, service,
        shutdown::{ActiveModel, Column, Entity, Model},
    },
    text, time,
};

/// Rows written by a statement: ten values each, of the 32,766 that SQLite takes.
const ROWS: usize = 1_000;

/// An instance ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shutdown {
    /// Its service.
    pub service: String,
    /// OpenTelemetry's `service.instance.id`.
    pub instance: String,
    /// OpenTelemetry's `deployment.environment.name`, empty where none is set.
    pub environment: String,
    /// What it ran; the version is empty where it names none.
    pub build: DeployedBuild,
    /// When it said that it stops, or was last heard of.
    pub at: Timestamp,
    /// Whether it went without saying so.
    pub lost: bool,
    /// Whether it told of its drain, and no request was aborted.
    pub clean: bool,
    /// Requests that were aborted, as far as it told.
    pub aborted: u64,
    /// Milliseconds from the signal to the end; none where it told of no drain.
    pub took_ms: Option<u64>,
}

impl Catalog {
    /// How instances of a service ended, latest first.
    pub async fn shutdowns(&self, service: &str, limit: u64) -> Result<Vec<Shutdown>, CatalogError> {
        let rows = Entity::find()
            .find_also_related(service::Entity)
            .filter(service::Column::Name.eq(service))
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Shutdown::from).collect())
    }

    /// How instances of every service ended since a time, latest first.
    pub async fn shutdowns_since(&self, since: Timestamp, limit: u64) -> Result<Vec<Shutdown>, CatalogError> {
        let rows = Entity::find()
            .find_also_related(service::Entity)
            .filter(Column::At.gte(time::to_column(since)))
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Shutdown::from).collect())
    }
}

/// Keeps how an instance ended, if it did; one that was counted as lost and is there after all has not.
pub(super) async fn heard(
    db: &impl ConnectionTrait,
    service_id: i64,
    check_in: &CheckIn,
    now: i64,
) -> Result<(), DbErr> {
    if check_in.state != InstanceState::Stopped {
        Entity::delete_many()
            .filter(Column::ServiceId.eq(service_id))
            .filter(Column::Instance.eq(check_in.instance.as_str()))
            .exec(db)
            .await?;
        return Ok(());
    }
    let aborted = check_in.drain.map_or(0, |drain| drain.aborted);
    let row = ActiveModel {
        service_id: Set(service_id),
        instance: Set(check_in.instance.clone()),
        environment: Set(text::detail(&check_in.environment)),
        version: Set(text::detail(&check_in.build.version)),
        commit: Set(text::detail(&check_in.build.commit)),
        at: Set(now),
        lost: Set(false),
        clean: Set(check_in.drain.is_some() && aborted == 0),
        aborted: Set(aborted.try_into().unwrap_or(i64::MAX)),
        took_ms: Set(check_in.drain.map(|drain| drain.took_ms.try_into().unwrap_or(i64::MAX))),
        ..Default::default()
    };
    write(db, [row]).await
}

/// Keeps that instances went without saying so.
pub(super) async fn lost(db: &impl ConnectionTrait, instances: &[instance::Model]) -> Result<(), DbErr> {
    for some in instances.chunks(ROWS) {
        let rows = some.iter().map(|instance| ActiveModel {
            service_id: Set(instance.service_id),
            instance: Set(instance.instance.clone()),
            environment: Set(instance.environment.clone()),
            version: Set(instance.version.clone()),
            commit: Set(instance.commit.clone()),
            at: Set(instance.last_seen_at),
            lost: Set(true),
            clean: Set(false),
            aborted: Set(0),
            took_ms: Set(None),
            ..Default::default()
        });
        write(db, rows).await?;
    }
    Ok(())
}

async fn write(db: &impl ConnectionTrait, rows: impl IntoIterator<Item = ActiveModel>) -> Result<(), DbErr> {
    let told = [
        Column::Environment,
        Column::Version,
        Column::Commit,
        Column::At,
        Column::Lost,
        Column::Clean,
        Column::Aborted,
        Column::TookMs,
    ];
    let again = OnConflict::columns([Column::ServiceId, Column::Instance]).update_columns(told).to_owned();
    Entity::insert_many(rows).on_conflict(again).exec_without_returning(db).await?;
    Ok(())
}

/// Forgets shutdowns before a time.
pub(crate) async fn prune(db: &impl ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::At.lt(before)).exec(db).await?.rows_affected)
}

impl From<(Model, Option<service::Model>)> for Shutdown {
    fn from((row, service): (Model, Option<service::Model>)) -> Self {
        Self {
            service: service.map(|service| service.name).unwrap_or_default(),
            instance: row.instance,
            environment: row.environment,
            build: DeployedBuild { version: row.version, commit: row.commit },
            at: time::from_column(row.at),
            lost: row.lost,
            clean: row.clean,
            aborted: row.aborted.try_into().unwrap_or_default(),
            took_ms: row.took_ms.and_then(|ms| ms.try_into().ok()),
        }
    }
}
