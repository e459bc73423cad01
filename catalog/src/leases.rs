//! Leases: what only one of several portals does at a time.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Alias, Expr, OnConflict},
};

use crate::{
    Catalog, CatalogError,
    entity::lease::{ActiveModel, Column, Entity},
    text, time,
};

/// The right to do something that only one portal does at a time.
///
/// It may have run out and been taken by another without its holder knowing: a process can stand still for an hour. So
/// whatever must be written by one holder alone asks for the lease in the transaction that writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    holder: String,
}

impl Catalog {
    /// Takes the lease `name` until a time, or prolongs it. None while another holds it.
    ///
    /// `holder` tells one process from every other, also from its own successor on the same host.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Lease>, CatalogError> {
        let name = text::name("lease", name)?.to_owned();
        let holder = text::name("holder", holder)?.to_owned();
        let row = ActiveModel {
            name: Set(name.clone()),
            holder: Set(holder.clone()),
            expires_at: Set(time::to_column(until)),
        };
        // One statement, so that of two portals one gets it.
        let mine =
            Expr::col((Entity, Column::Holder)).eq(Expr::col((Alias::new("excluded"), Column::Holder)));
        let free = mine.or(Expr::col((Entity, Column::ExpiresAt)).lte(time::to_column(now)));
        let conflict = OnConflict::column(Column::Name)
            .update_columns([Column::Holder, Column::ExpiresAt])
            .action_and_where(free)
            .to_owned();
        match Entity::insert(row).on_conflict(conflict).exec_without_returning(&self.db).await {
            Ok(0) | Err(DbErr::RecordNotInserted) => Ok(None),
            Ok(_) => Ok(Some(Lease { name, holder })),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a lease back before its time, so that another portal need not wait for its end.
    pub async fn release_lease(&self, lease: Lease) -> Result<(), CatalogError> {
        Entity::delete_many()
            .filter(Column::Name.eq(lease.name))
            .filter(Column::Holder.eq(lease.holder))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

/// Refuses to go on if another has taken the lease; until the transaction ends, nobody can.
///
/// One that has run out but was not taken is as good as held.
pub(crate) async fn hold(transaction: &DatabaseTransaction, lease: &Lease) -> Result<(), CatalogError> {
    let row = Entity::find_by_id(lease.name.clone()).lock_shared().one(transaction).await?;
    match row {
        Some(row) if row.holder == lease.holder => Ok(()),
        _ => Err(CatalogError::LeaseLost(lease.name.clone())),
    }
}
