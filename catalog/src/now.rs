//! What instances are at right now. It names peers and people, so of each instance the latest is kept, and nothing of one that
//! has stopped.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect,
    QueryTrait, RelationTrait,
    sea_query::{Alias, Expr, OnConflict},
};
use seaworthy_protocol::{CheckIn, InstanceState, Now, Oldest};

use crate::{
    Catalog, CatalogError,
    entity::{
        instance,
        instance_now::{ActiveModel, Column, Entity, Relation},
        service,
    },
    instances::{from_json, to_json},
};

/// As many of each kind as an agent of ours tells.
const MOST: usize = 20;
/// Bytes of what an instance is at. What is beyond is kept as counts alone.
const LARGEST: usize = 64 << 10;

impl Catalog {
    /// What each instance of a service is at, by its name, as its latest check-in tells. Those that do not tell are left out.
    pub async fn nows(&self, service: &str) -> Result<HashMap<String, Now>, CatalogError> {
        let rows: Vec<(String, String)> = Entity::find()
            .select_only()
            .column(instance::Column::Instance)
            .column(Column::Told)
            .join(JoinType::InnerJoin, Relation::Instance.def())
            .join(JoinType::InnerJoin, instance::Relation::Service.def())
            .filter(service::Column::Name.eq(service))
            .into_tuple()
            .all(&self.db)
            .await?;
        let read = |(instance, told): (String, String)| Ok((instance, from_json("what goes on", &told)?));
        rows.into_iter().map(read).collect()
    }
}

/// Keeps what the latest check-in of an instance tells. Nothing is written while nothing changes.
pub(crate) async fn keep(
    db: &impl ConnectionTrait,
    instance_id: i64,
    check_in: &CheckIn,
) -> Result<(), CatalogError> {
    if check_in.state == InstanceState::Stopped {
        Entity::delete_by_id(instance_id).exec(db).await?;
        return Ok(());
    }
    let Some(now) = &check_in.now else { return Ok(()) };
    Ok(upsert(db, ActiveModel { instance_id: Set(instance_id), told: Set(bounded(now)?) }).await?)
}

async fn upsert(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    let differs = Expr::col((Alias::new("excluded"), Column::Told)).ne(Expr::col((Entity, Column::Told)));
    let conflict = OnConflict::column(Column::InstanceId)
        .update_column(Column::Told)
        .action_and_where(differs)
        .to_owned();
    db.execute(&Entity::insert(row).on_conflict(conflict).into_query()).await?;
    Ok(())
}

fn bounded(now: &Now) -> Result<String, CatalogError> {
    let Now { connections, requests, spans } = now;
    let with = |most| Now {
        connections: first(connections, most),
        requests: first(requests, most),
        spans: first(spans, most),
    };
    let told = to_json(&with(MOST))?;
    if told.len() <= LARGEST { Ok(told) } else { to_json(&with(0)) }
}

fn first<T: Clone>(all: &Oldest<T>, most: usize) -> Oldest<T> {
    Oldest { count: all.count, oldest: all.oldest.iter().take(most).cloned().collect() }
}
