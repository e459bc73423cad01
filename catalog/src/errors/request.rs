//! Which requests have been counted, so that one that is sent again is not.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, Set,
    sea_query::OnConflict,
};

use crate::entity::error_request::{ActiveModel, Column, Entity};

/// Notes that a request is counted in this transaction. Says whether it was not before.
pub(super) async fn is_first(transaction: &DatabaseTransaction, id: &str, now: i64) -> Result<bool, DbErr> {
    let row = ActiveModel { id: Set(id.to_owned()), counted_at: Set(now) };
    // Who counts the same request at the same time waits here for how this transaction ends.
    let again = OnConflict::column(Column::Id).do_nothing().to_owned();
    match Entity::insert(row).on_conflict(again).exec_without_returning(transaction).await {
        Ok(0) | Err(DbErr::RecordNotInserted) => Ok(false),
        Ok(_) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Forgets the requests that were counted before a time.
pub(crate) async fn prune_requests(db: &impl ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::CountedAt.lt(before)).exec(db).await?.rows_affected)
}
