//! The minutes of SLOs, packed by the hour, and how far each SLO has been evaluated.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
    sea_query::{LockType, OnConflict},
};

use crate::{
    Catalog, CatalogError, Lease,
    entity::{slo, slo_evaluation, slo_hour},
    leases,
};

/// SLOs asked for in a statement, and hours written by one: three values each, of the 32,766 that SQLite takes.
const SLOS: usize = 5_000;
const HOURS: usize = 5_000;

/// An hour of an SLO's minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SloHour {
    /// The hour since the Unix epoch.
    pub hour: i64,
    /// Its minutes, as they were given.
    pub packed: Vec<u8>,
}

/// What an evaluation of an SLO found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// The SLO.
    pub slo_id: i64,
    /// Its version that was evaluated.
    pub version: i64,
    /// The first minute since the Unix epoch that has not been evaluated.
    pub evaluated_to: i64,
    /// How it stands, as JSON. The catalog keeps it as it is.
    pub standing: String,
    /// The hours since the Unix epoch in which something became known, with all their minutes packed.
    pub hours: BTreeMap<i64, Vec<u8>>,
}

impl Catalog {
    /// The hours of an SLO from one on, earliest first. Hours of which nothing is known are not among them.
    pub async fn slo_hours(&self, slo_id: i64, from_hour: i64) -> Result<Vec<SloHour>, CatalogError> {
        let rows = slo_hour::Entity::find()
            .filter(slo_hour::Column::SloId.eq(slo_id))
            .filter(slo_hour::Column::Hour.gte(from_hour))
            .order_by_asc(slo_hour::Column::Hour)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| SloHour { hour: row.hour, packed: row.packed }).collect())
    }

    /// Some hours of an SLO, earliest first. Hours of which nothing is known are not among them.
    pub async fn slo_hours_at(&self, slo_id: i64, hours: &[i64]) -> Result<Vec<SloHour>, CatalogError> {
        let rows = slo_hour::Entity::find()
            .filter(slo_hour::Column::SloId.eq(slo_id))
            .filter(slo_hour::Column::Hour.is_in(hours.iter().copied()))
            .order_by_asc(slo_hour::Column::Hour)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| SloHour { hour: row.hour, packed: row.packed }).collect())
    }

    /// The first minute since the Unix epoch up to which an SLO has not been evaluated; none before its first evaluation.
    pub async fn evaluated_to(&self, slo_id: i64) -> Result<Option<i64>, CatalogError> {
        let row = slo_evaluation::Entity::find_by_id(slo_id).one(&self.db).await?;
        Ok(row.map(|row| row.evaluated_to))
    }

    /// Records what evaluations found, each SLO once, all of it or nothing. An hour replaces what was known of it.
    ///
    /// Returns the ids of SLOs that were deleted or changed since they were read: nothing of them is recorded, and what
    /// the caller knows of them is out of date. Refused with [`CatalogError::LeaseLost`] when another portal has taken
    /// over. Others cannot write to a SQLite catalog meanwhile: a long past is better recorded in parts, of no more than
    /// 50,000 hours.
    pub async fn record_minutes(
        &self,
        lease: &Lease,
        evaluated: &[Evaluated],
    ) -> Result<Vec<i64>, CatalogError> {
        let transaction = self.begin().await?;
        leases::hold(&transaction, lease).await?;
        let versions = versions(&transaction, evaluated).await?;
        let (current, overtaken): (Vec<_>, Vec<_>) =
            evaluated.iter().partition(|found| versions.get(&found.slo_id) == Some(&found.version));
        write_hours(&transaction, &current).await?;
        write_evaluated_to(&transaction, &current).await?;
        transaction.commit().await?;
        Ok(overtaken.into_iter().map(|found| found.slo_id).collect())
    }
}

/// The present versions of SLOs, which nobody can change or delete until the transaction ends.
async fn versions(
    transaction: &DatabaseTransaction,
    evaluated: &[Evaluated],
) -> Result<HashMap<i64, i64>, DbErr> {
    let mut versions = HashMap::with_capacity(evaluated.len());
    for some in evaluated.chunks(SLOS) {
        let rows: Vec<(i64, i64)> = slo::Entity::find()
            .select_only()
            .columns([slo::Column::Id, slo::Column::Version])
            .filter(slo::Column::Id.is_in(some.iter().map(|found| found.slo_id)))
            .lock(LockType::KeyShare)
            .into_tuple()
            .all(transaction)
            .await?;
        versions.extend(rows);
    }
    Ok(versions)
}

async fn write_hours(db: &impl ConnectionTrait, evaluated: &[&Evaluated]) -> Result<(), DbErr> {
    let known = OnConflict::columns([slo_hour::Column::SloId, slo_hour::Column::Hour])
        .update_column(slo_hour::Column::Packed)
        .to_owned();
    for some in hour_rows(evaluated).chunks(HOURS) {
        slo_hour::Entity::insert_many(some.iter().cloned())
            .on_conflict(known.clone())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

fn hour_rows(evaluated: &[&Evaluated]) -> Vec<slo_hour::ActiveModel> {
    let rows = evaluated.iter().flat_map(|found| {
        found.hours.iter().map(|(hour, packed)| slo_hour::ActiveModel {
            slo_id: Set(found.slo_id),
            hour: Set(*hour),
            packed: Set(packed.clone()),
        })
    });
    rows.collect()
}

async fn write_evaluated_to(db: &impl ConnectionTrait, evaluated: &[&Evaluated]) -> Result<(), DbErr> {
    let known = OnConflict::column(slo_evaluation::Column::SloId)
        .update_columns([slo_evaluation::Column::EvaluatedTo, slo_evaluation::Column::Standing])
        .to_owned();
    for some in evaluated.chunks(SLOS) {
        let rows = some.iter().map(|found| slo_evaluation::ActiveModel {
            slo_id: Set(found.slo_id),
            evaluated_to: Set(found.evaluated_to),
            standing: Set(Some(found.standing.clone())),
        });
        slo_evaluation::Entity::insert_many(rows)
            .on_conflict(known.clone())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Forgets all minutes of an SLO.
pub(super) async fn forget(db: &impl ConnectionTrait, slo_id: i64) -> Result<(), DbErr> {
    slo_hour::Entity::delete_many().filter(slo_hour::Column::SloId.eq(slo_id)).exec(db).await?;
    slo_evaluation::Entity::delete_by_id(slo_id).exec(db).await?;
    Ok(())
}

/// Forgets the hours before one, and tells how many. The oldest day of them only: more at once, as after a long time
/// without a portal, would hold up whoever else writes.
pub(crate) async fn prune(db: &impl ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    let oldest = slo_hour::Entity::find().order_by_asc(slo_hour::Column::Hour).one(db).await?;
    let Some(oldest) = oldest.filter(|oldest| oldest.hour < before) else { return Ok(0) };
    let old = slo_hour::Column::Hour.lt(before.min(oldest.hour.saturating_add(24)));
    Ok(slo_hour::Entity::delete_many().filter(old).exec(db).await?.rows_affected)
}
