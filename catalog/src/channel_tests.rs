//! Test alerts: of each channel the latest, whether it arrived, and who says so.

use jiff::Timestamp;
use sea_orm::{ActiveModelTrait, EntityTrait, QueryOrder, QuerySelect, Set, sea_query::OnConflict};

use crate::{
    Acknowledgement, Actor, Catalog, CatalogError, accounts,
    entity::channel_test::{ActiveModel, Column, Entity, Model},
    text, time,
};

const WHAT: &str = "test alert";

/// The latest test alert of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelTest {
    /// The channel.
    pub channel_id: i64,
    /// When it was sent, to the second.
    pub sent_at: Timestamp,
    /// How who sent it signs in.
    pub sent_by: String,
    /// When the receiver took it; none as long as it has not.
    pub delivered_at: Option<Timestamp>,
    /// Why the receiver did not take it.
    pub error: Option<String>,
    /// Who says that it arrived, and when.
    pub acknowledged: Option<Acknowledgement>,
}

impl Catalog {
    /// The latest test alert of each channel that was tested, by the channel's id.
    pub async fn channel_tests(&self) -> Result<Vec<ChannelTest>, CatalogError> {
        let rows = Entity::find().order_by_asc(Column::ChannelId).all(&self.db).await?;
        Ok(rows.into_iter().map(ChannelTest::from).collect())
    }

    /// Notes that a test alert is sent to a channel; the one before is forgotten. Returns when it was sent, to the second,
    /// which names it.
    pub async fn begin_channel_test(
        &self,
        channel_id: i64,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Timestamp, CatalogError> {
        let sent_at = now.as_second().saturating_mul(1_000);
        let row = ActiveModel {
            channel_id: Set(channel_id),
            sent_at: Set(sent_at),
            sent_by: Set(text::detail(&actor.login)),
            delivered_at: Set(None),
            error: Set(None),
            acknowledged_at: Set(None),
            acknowledged_by: Set(None),
        };
        let before = OnConflict::column(Column::ChannelId)
            .update_columns([
                Column::SentAt,
                Column::SentBy,
                Column::DeliveredAt,
                Column::Error,
                Column::AcknowledgedAt,
                Column::AcknowledgedBy,
            ])
            .to_owned();
        let transaction = self.begin().await?;
        Entity::insert(row).on_conflict(before).exec_without_returning(&transaction).await?;
        accounts::note(&transaction, actor, "sent a test alert to", &format!("channel {channel_id}"), now)
            .await?;
        transaction.commit().await?;
        Ok(time::from_column(sent_at))
    }

    /// Notes what became of the test alert that was sent at a time. One that another has replaced is not noted.
    pub async fn end_channel_test(
        &self,
        channel_id: i64,
        sent_at: Timestamp,
        outcome: Result<(), &str>,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let ended = ActiveModel {
            channel_id: Set(channel_id),
            delivered_at: Set(outcome.is_ok().then(|| time::to_column(now))),
            error: Set(outcome.err().map(text::detail)),
            ..Default::default()
        };
        let transaction = self.begin().await?;
        let row = Entity::find_by_id(channel_id).lock_exclusive().one(&transaction).await?;
        if row.is_some_and(|row| row.sent_at == time::to_column(sent_at)) {
            ended.update(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Notes that somebody says that the test alert that was sent at a time has arrived. One that was acknowledged stays so.
    ///
    /// Refused with [`CatalogError::NotFound`] when another was sent since.
    pub async fn acknowledge_channel_test(
        &self,
        channel_id: i64,
        sent_at: Timestamp,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<ChannelTest, CatalogError> {
        let transaction = self.begin().await?;
        let row = Entity::find_by_id(channel_id).lock_exclusive().one(&transaction).await?;
        let row =
            row.filter(|row| row.sent_at == time::to_column(sent_at)).ok_or(CatalogError::NotFound(WHAT))?;
        if row.acknowledged_at.is_some() {
            return Ok(row.into());
        }
        let acknowledged = ActiveModel {
            channel_id: Set(channel_id),
            acknowledged_at: Set(Some(time::to_column(now))),
            acknowledged_by: Set(Some(text::detail(&actor.login))),
            ..Default::default()
        };
        let row = acknowledged.update(&transaction).await?;
        accounts::note(
            &transaction,
            actor,
            "acknowledged a test alert of",
            &format!("channel {channel_id}"),
            now,
        )
        .await?;
        transaction.commit().await?;
        Ok(row.into())
    }
}

impl From<Model> for ChannelTest {
    fn from(row: Model) -> Self {
        let acknowledged = row.acknowledged_by.zip(row.acknowledged_at);
        Self {
            channel_id: row.channel_id,
            sent_at: time::from_column(row.sent_at),
            sent_by: row.sent_by,
            delivered_at: row.delivered_at.map(time::from_column),
            error: row.error,
            acknowledged: acknowledged.map(|(by, at)| Acknowledgement { by, at: time::from_column(at) }),
        }
    }
}
