//! How channels stand: what was told there, and what could not be.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Cond,
};

use crate::{
    Catalog, CatalogError,
    entity::outbox::{Column, Entity},
    time,
};

/// How a channel stands. What was delivered long ago is forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelStanding {
    /// When something was last told there.
    pub last_delivered_at: Option<Timestamp>,
    /// How many messages wait to be told.
    pub waiting: u64,
    /// Since when the oldest of them does.
    pub waiting_since: Option<Timestamp>,
    /// Why the last of them that was tried was not told.
    pub waiting_error: Option<String>,
    /// How many messages were given up.
    pub dead: u64,
    /// When the last of them was.
    pub last_dead_at: Option<Timestamp>,
    /// Why the last of them was.
    pub dead_error: Option<String>,
}

impl Catalog {
    /// How channels stand, by id. A channel in which there was never anything to tell is not among them.
    pub async fn channel_standings(&self) -> Result<BTreeMap<i64, ChannelStanding>, CatalogError> {
        let mut standings: BTreeMap<i64, ChannelStanding> = BTreeMap::new();
        let delivered = Cond::all().add(Column::DeliveredAt.is_not_null());
        for (channel, _, at) in counted(&self.db, delivered, Column::DeliveredAt.max()).await? {
            standings.entry(channel).or_default().last_delivered_at = at;
        }
        for (channel, count, since) in counted(&self.db, waiting(), Column::CreatedAt.min()).await? {
            let standing = standings.entry(channel).or_default();
            (standing.waiting, standing.waiting_since) = (count, since);
        }
        for (channel, count, at) in counted(&self.db, dead(), Column::DeadAt.max()).await? {
            let standing = standings.entry(channel).or_default();
            (standing.dead, standing.last_dead_at) = (count, at);
        }
        for (channel, error) in last_errors(&self.db, waiting()).await? {
            standings.entry(channel).or_default().waiting_error = Some(error);
        }
        for (channel, error) in last_errors(&self.db, dead()).await? {
            standings.entry(channel).or_default().dead_error = Some(error);
        }
        Ok(standings)
    }
}

fn waiting() -> Cond {
    Cond::all().add(Column::DeliveredAt.is_null()).add(Column::DeadAt.is_null())
}

fn dead() -> Cond {
    Cond::all().add(Column::DeadAt.is_not_null())
}

/// By channel: how many messages there are of a kind, and a time of them.
async fn counted(
    db: &impl ConnectionTrait,
    kind: Cond,
    time: sea_orm::sea_query::SimpleExpr,
) -> Result<Vec<(i64, u64, Option<Timestamp>)>, DbErr> {
    let rows: Vec<(i64, i64, Option<i64>)> = Entity::find()
        .select_only()
        .column(Column::ChannelId)
        .column_as(Column::Id.count(), "messages")
        .column_as(time, "at")
        .filter(kind)
        .group_by(Column::ChannelId)
        .into_tuple()
        .all(db)
        .await?;
    let known = |(channel, count, at): (i64, i64, Option<i64>)| {
        (channel, count.try_into().unwrap_or_default(), at.map(time::from_column))
    };
    Ok(rows.into_iter().map(known).collect())
}

/// By channel: why the latest message of a kind that was tried was not told.
async fn last_errors(db: &impl ConnectionTrait, kind: Cond) -> Result<Vec<(i64, String)>, DbErr> {
    let latest = Entity::find()
        .select_only()
        .column_as(Column::Id.max(), "latest")
        .filter(kind)
        .filter(Column::LastError.is_not_null())
        .group_by(Column::ChannelId)
        .into_query();
    Entity::find()
        .select_only()
        .columns([Column::ChannelId, Column::LastError])
        .filter(Column::Id.in_subquery(latest))
        .into_tuple()
        .all(db)
        .await
}
