//! Builds: which versions of a service were seen running.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationTrait, Set, sea_query::OnConflict,
};
use seaworthy_protocol::Build;

use crate::{
    Catalog, CatalogError,
    entity::{
        build::{ActiveModel, Column, Entity, Relation},
        service,
    },
    text, time,
};

/// A build that instances of a service reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenBuild {
    /// The build.
    pub build: Build,
    /// When an instance first reported it.
    pub first_seen_at: Timestamp,
    /// When an instance last reported it.
    pub last_seen_at: Timestamp,
}

impl Catalog {
    /// Every build of a service, latest first seen first.
    pub async fn builds(&self, service: &str) -> Result<Vec<SeenBuild>, CatalogError> {
        let rows = Entity::find()
            .join(JoinType::InnerJoin, Relation::Service.def())
            .filter(service::Column::Name.eq(service))
            .order_by_desc(Column::FirstSeenAt)
            .order_by_desc(Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| SeenBuild {
                build: Build {
                    version: row.version,
                    commit: row.commit,
                    built_at: row.built_at.map(time::from_column),
                },
                first_seen_at: time::from_column(row.first_seen_at),
                last_seen_at: time::from_column(row.last_seen_at),
            })
            .collect())
    }
}

/// Notes that an instance runs this build.
pub(crate) async fn see(
    db: &impl ConnectionTrait,
    service_id: i64,
    build: &Build,
    now: i64,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        service_id: Set(service_id),
        version: Set(text::detail(&build.version)),
        commit: Set(text::detail(&build.commit)),
        built_at: Set(build.built_at.map(time::to_column)),
        first_seen_at: Set(now),
        last_seen_at: Set(now),
        ..Default::default()
    };
    let again = OnConflict::columns([Column::ServiceId, Column::Version, Column::Commit])
        .update_columns([Column::BuiltAt, Column::LastSeenAt])
        .to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(db).await?;
    Ok(())
}
