//! Channels: where alerts are told.

use std::fmt;

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Set,
};

use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::channel::{ActiveModel, Column, Entity, Model},
    error, text, time,
};

const WHAT: &str = "channel";

/// How a channel is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// An address that takes Alertmanager's webhook payload.
    Webhook,
    /// An address that takes Slack's incoming messages.
    Slack,
    /// Mail.
    Email,
}

/// What people write of a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelDefinition {
    /// How it is spoken to.
    pub kind: ChannelKind,
    /// What it takes to reach it, as JSON of at most 64 KiB. The catalog keeps it as it is. The address alone may let
    /// anybody write there, so it is no more to be shown than a password.
    pub settings: String,
}

/// A channel in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Identifies it for good; one that is made anew under the same name has another.
    pub id: i64,
    /// Identifies it to people and programs: `on-call`.
    pub name: String,
    /// What people wrote.
    pub definition: ChannelDefinition,
    /// Rises with every change; a change names the version that it is made to.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// How who made it signs in.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How who last changed it signs in.
    pub updated_by: String,
}

impl Catalog {
    /// Every channel, by name in alphabetical order.
    pub async fn channels(&self) -> Result<Vec<Channel>, CatalogError> {
        let rows = Entity::find().order_by_asc(Column::Name).all(&self.db).await?;
        rows.into_iter().map(Channel::try_from).collect()
    }

    /// The channel of this name.
    pub async fn channel(&self, name: &str) -> Result<Option<Channel>, CatalogError> {
        let row = Entity::find().filter(Column::Name.eq(name)).one(&self.db).await?;
        row.map(Channel::try_from).transpose()
    }

    /// Makes a channel. `name` is 1 to 63 lower-case letters, digits and hyphens.
    pub async fn create_channel(
        &self,
        name: &str,
        definition: &ChannelDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Channel, CatalogError> {
        let name = text::slug("name", name)?;
        let by = text::detail(&actor.login);
        let row = ActiveModel {
            name: Set(name.to_owned()),
            version: Set(1),
            created_at: Set(time::to_column(now)),
            created_by: Set(by.clone()),
            updated_at: Set(time::to_column(now)),
            updated_by: Set(by),
            ..columns(definition)?
        };
        let transaction = self.begin().await?;
        let row = row.insert(&transaction).await.map_err(|error| error::or_taken(error, WHAT, name))?;
        let action = format!("made a channel by {}", definition.kind);
        accounts::note(&transaction, actor, &action, name, now).await?;
        transaction.commit().await?;
        row.try_into()
    }

    /// Changes a channel of which the caller saw the version `expected`. Refused with [`CatalogError::Changed`] when
    /// somebody has changed it since. What is still to be told there is told by the new settings.
    pub async fn update_channel(
        &self,
        name: &str,
        expected: i64,
        definition: &ChannelDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Channel, CatalogError> {
        let changes = columns(definition)?;
        let transaction = self.begin().await?;
        let row = lock(&transaction, name).await?;
        if row.version != expected {
            let at = time::from_column(row.updated_at);
            return Err(CatalogError::Changed { what: WHAT, name: row.name, by: row.updated_by, at });
        }
        let changed = ActiveModel {
            id: Set(row.id),
            version: Set(row.version + 1),
            updated_at: Set(time::to_column(now)),
            updated_by: Set(text::detail(&actor.login)),
            ..changes
        };
        let row = changed.update(&transaction).await?;
        accounts::note(&transaction, actor, "changed a channel", name, now).await?;
        transaction.commit().await?;
        row.try_into()
    }

    /// Deletes a channel, and whatever was still to be told there.
    pub async fn delete_channel(
        &self,
        name: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let row = lock(&transaction, name).await?;
        Entity::delete_by_id(row.id).exec(&transaction).await?;
        accounts::note(&transaction, actor, "deleted a channel", name, now).await?;
        Ok(transaction.commit().await?)
    }
}

async fn lock(transaction: &DatabaseTransaction, name: &str) -> Result<Model, CatalogError> {
    let row = Entity::find().filter(Column::Name.eq(name)).lock_exclusive().one(transaction).await?;
    row.ok_or(CatalogError::NotFound(WHAT))
}

/// The columns that people fill, checked.
fn columns(definition: &ChannelDefinition) -> Result<ActiveModel, CatalogError> {
    Ok(ActiveModel {
        kind: Set(definition.kind.as_str().to_owned()),
        settings: Set(text::document("settings", &definition.settings)?.to_owned()),
        ..Default::default()
    })
}

impl ChannelKind {
    const ALL: [Self; 3] = [Self::Webhook, Self::Slack, Self::Email];

    /// Its word: `webhook`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Email => "email",
        }
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ChannelDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelDefinition").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl TryFrom<Model> for Channel {
    type Error = CatalogError;

    fn try_from(row: Model) -> Result<Self, CatalogError> {
        let kind = ChannelKind::ALL.into_iter().find(|known| known.as_str() == row.kind);
        let kind = kind.ok_or(CatalogError::Unreadable { what: "a kind of channel", value: row.kind })?;
        Ok(Self {
            id: row.id,
            name: row.name,
            definition: ChannelDefinition { kind, settings: row.settings },
            version: row.version,
            created_at: time::from_column(row.created_at),
            created_by: row.created_by,
            updated_at: time::from_column(row.updated_at),
            updated_by: row.updated_by,
        })
    }
}
