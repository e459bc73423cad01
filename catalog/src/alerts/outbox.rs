//! The outbox: what is to be told of alerts. Delivered at least once, and of each alert in order.

use std::collections::HashMap;

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
    sea_query::{Alias, Cond, Expr, LockBehavior, LockType, Query, SelectStatement},
};

use super::record::RecordedAlert;
use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::{
        alert, channel,
        outbox::{ActiveModel, Column, Entity, Model},
    },
    text, time,
};

/// Messages written by a statement: twelve values each, of the 32,766 that SQLite takes.
const MESSAGES: usize = 1_000;

/// Something to tell of an alert in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Identifies it for good. A receiver that is told twice is told the same id.
    pub id: i64,
    /// The channel.
    pub channel_id: i64,
    /// The alert.
    pub alert_id: i64,
    /// The version of the alert that it tells of: its place among the messages of this alert in this channel.
    pub sequence: i64,
    /// What to tell, as JSON.
    pub payload: String,
    /// When it was put here.
    pub created_at: Timestamp,
    /// When it is to be told.
    pub due_at: Timestamp,
    /// How often it has been claimed to be told.
    pub attempts: u32,
    /// Why the latest attempt that failed did.
    pub last_error: Option<String>,
    /// When it was told.
    pub delivered_at: Option<Timestamp>,
    /// When it was given up.
    pub dead_at: Option<Timestamp>,
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message.
    pub message: OutboxMessage,
    /// The name of its channel.
    pub channel: String,
    /// The key of its alert.
    pub alert_key: String,
    /// Whether a later message of the alert has been told there since: to tell this one now tells what was then.
    pub overtaken: bool,
}

/// What comes after an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// Another, not before this time. Later messages of the alert in the channel wait for it.
    RetryAt(Timestamp),
    /// None: it becomes a dead letter, and later messages of the alert are told without it.
    GiveUp,
}

impl Catalog {
    /// Claims messages that are due, earliest due first: of each alert in each channel the oldest that is neither
    /// delivered nor dead, and none that waits behind it.
    ///
    /// Nobody else gets them before `claimed_until`. Whoever claims them delivers them before that and says what became
    /// of it; of one that dies meanwhile, another gets them afterwards.
    pub async fn outbox_due(
        &self,
        claimed_until: Timestamp,
        limit: u64,
        now: Timestamp,
    ) -> Result<Vec<OutboxMessage>, CatalogError> {
        let transaction = self.begin().await?;
        let mut due = due(&transaction, time::to_column(now), limit).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        Entity::update_many()
            .col_expr(Column::ClaimedUntil, Expr::value(time::to_column(claimed_until)))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.is_in(due.iter().map(|row| row.id)))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        due.iter_mut().for_each(|row| row.attempts += 1);
        Ok(due.into_iter().map(OutboxMessage::from).collect())
    }

    /// Notes that a message was delivered, by whomever.
    pub async fn outbox_delivered(&self, id: i64, now: Timestamp) -> Result<(), CatalogError> {
        Entity::update_many()
            .col_expr(Column::DeliveredAt, Expr::value(time::to_column(now)))
            .col_expr(Column::DeadAt, Expr::value(None::<i64>))
            .col_expr(Column::ClaimedUntil, Expr::value(None::<i64>))
            .filter(Column::Id.eq(id))
            .filter(Column::DeliveredAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Notes that the attempt to deliver a claimed message failed. Without effect where the claim has run out and another
    /// has claimed it since, or it has been delivered.
    pub async fn outbox_failed(
        &self,
        message: &OutboxMessage,
        error: &str,
        after: AfterFailure,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let (column, at) = match after {
            AfterFailure::RetryAt(at) => (Column::DueAt, at),
            AfterFailure::GiveUp => (Column::DeadAt, now),
        };
        Entity::update_many()
            .col_expr(column, Expr::value(time::to_column(at)))
            .col_expr(Column::LastError, Expr::value(text::detail(error)))
            .col_expr(Column::ClaimedUntil, Expr::value(None::<i64>))
            .filter(Column::Id.eq(message.id))
            .filter(Column::Attempts.eq(i64::from(message.attempts)))
            .filter(Column::DeliveredAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Everything told or to be told of an alert, in order, but for what was delivered long ago.
    pub async fn alert_messages(&self, alert_id: i64) -> Result<Vec<OutboxMessage>, CatalogError> {
        let rows = Entity::find()
            .filter(Column::AlertId.eq(alert_id))
            .order_by_asc(Column::Sequence)
            .order_by_asc(Column::ChannelId)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(OutboxMessage::from).collect())
    }

    /// Messages that were given up, latest first.
    pub async fn dead_letters(&self, limit: u64) -> Result<Vec<DeadLetter>, CatalogError> {
        let rows = Entity::find()
            .find_also_related(channel::Entity)
            .find_also_related(alert::Entity)
            .filter(Column::DeadAt.is_not_null())
            .order_by_desc(Column::DeadAt)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        let told = last_told(&self.db, rows.iter().map(|(row, ..)| row.alert_id).collect()).await?;
        let letters = rows.into_iter().map(|(row, channel, alert)| DeadLetter {
            overtaken: told.get(&(row.alert_id, row.channel_id)).is_some_and(|last| *last > row.sequence),
            message: row.into(),
            channel: channel.map(|channel| channel.name).unwrap_or_default(),
            alert_key: alert.map(|alert| alert.key).unwrap_or_default(),
        });
        Ok(letters.collect())
    }

    /// Has a dead letter tried again, from the first attempt on.
    pub async fn retry_dead(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let dead = Entity::find_by_id(id).filter(Column::DeadAt.is_not_null()).lock_exclusive();
        let row = dead.one(&transaction).await?.ok_or(CatalogError::NotFound("dead letter"))?;
        Entity::update_many()
            .col_expr(Column::DeadAt, Expr::value(None::<i64>))
            .col_expr(Column::DueAt, Expr::value(time::to_column(now)))
            .col_expr(Column::Attempts, Expr::value(0))
            .filter(Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        let alert = alert::Entity::find_by_id(row.alert_id).one(&transaction).await?;
        let subject = alert.map(|alert| alert.key).unwrap_or_default();
        accounts::note(&transaction, actor, "had a dead letter tried again", &subject, now).await?;
        Ok(transaction.commit().await?)
    }
}

/// Messages to claim, locked until the transaction ends. Rows that another portal is claiming are passed over.
async fn due(transaction: &DatabaseTransaction, now: i64, limit: u64) -> Result<Vec<Model>, DbErr> {
    let unclaimed = Cond::any().add(Column::ClaimedUntil.is_null()).add(Column::ClaimedUntil.lte(now));
    Entity::find()
        .filter(Column::DeliveredAt.is_null())
        .filter(Column::DeadAt.is_null())
        .filter(Column::DueAt.lte(now))
        .filter(unclaimed)
        .filter(Expr::exists(older()).not())
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(transaction)
        .await
}

/// A message of the same alert in the same channel which comes before and is neither delivered nor dead.
fn older() -> SelectStatement {
    let alias = Alias::new("older");
    let older = |column| Expr::col((alias.clone(), column));
    let this = |column| Expr::col((Entity, column));
    Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, alias.clone())
        .and_where(older(Column::AlertId).eq(this(Column::AlertId)))
        .and_where(older(Column::ChannelId).eq(this(Column::ChannelId)))
        .and_where(older(Column::Sequence).lt(this(Column::Sequence)))
        .and_where(older(Column::DeliveredAt).is_null())
        .and_where(older(Column::DeadAt).is_null())
        .to_owned()
}

/// The sequence of the last message told, by alert and channel.
async fn last_told(db: &impl ConnectionTrait, alerts: Vec<i64>) -> Result<HashMap<(i64, i64), i64>, DbErr> {
    let rows: Vec<(i64, i64, i64)> = Entity::find()
        .select_only()
        .columns([Column::AlertId, Column::ChannelId])
        .column_as(Column::Sequence.max(), "last")
        .filter(Column::AlertId.is_in(alerts))
        .filter(Column::DeliveredAt.is_not_null())
        .group_by(Column::AlertId)
        .group_by(Column::ChannelId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(alert, channel, last)| ((alert, channel), last)).collect())
}

/// A message of an alert that has just changed.
pub(super) fn row(
    alert: RecordedAlert,
    channel_id: i64,
    payload: &str,
    now: i64,
) -> Result<ActiveModel, CatalogError> {
    Ok(ActiveModel {
        channel_id: Set(channel_id),
        alert_id: Set(alert.id),
        sequence: Set(alert.version),
        payload: Set(text::document("payload", payload)?.to_owned()),
        created_at: Set(now),
        due_at: Set(now),
        attempts: Set(0),
        ..Default::default()
    })
}

/// Puts messages into the outbox.
pub(super) async fn put(db: &impl ConnectionTrait, rows: &[ActiveModel]) -> Result<(), DbErr> {
    for some in rows.chunks(MESSAGES) {
        Entity::insert_many(some.iter().cloned()).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Forgets messages that were delivered before a time, and tells how many.
pub(crate) async fn prune(db: &impl ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    let old = Column::DeliveredAt.lt(before);
    Ok(Entity::delete_many().filter(old).exec(db).await?.rows_affected)
}

impl From<Model> for OutboxMessage {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            channel_id: row.channel_id,
            alert_id: row.alert_id,
            sequence: row.sequence,
            payload: row.payload,
            created_at: time::from_column(row.created_at),
            due_at: time::from_column(row.due_at),
            attempts: row.attempts.try_into().unwrap_or(u32::MAX),
            last_error: row.last_error,
            delivered_at: row.delivered_at.map(time::from_column),
            dead_at: row.dead_at.map(time::from_column),
        }
    }
}
