//! Waivers: an item need not be satisfied for a time, as somebody has asked and another approved.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select, Set,
    sea_query::{Expr, OnConflict},
};

use super::ItemKey;
use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::waiver::{ActiveModel, Column, Entity, Model},
    text, time,
};

const WHAT: &str = "waiver";

/// What people write of a waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverDefinition {
    /// Why the item cannot be satisfied yet; at most 16 KiB and not blank.
    pub reason: String,
    /// From when on it no longer holds. How late that may be is for the checklist to say.
    pub expires_at: Timestamp,
}

/// A waiver in the catalog. It holds from its approval until it expires or somebody ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWaiver {
    /// Identifies it for good.
    pub id: i64,
    /// The item.
    pub key: ItemKey,
    /// What was written.
    pub definition: WaiverDefinition,
    /// How who asked for it signs in.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// Who approved it; none while nobody has.
    pub approval: Option<WaiverApproval>,
    /// How it ended before its time; none while nobody has ended it, also where it has expired.
    pub end: Option<WaiverEnd>,
}

/// That somebody has approved a waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverApproval {
    /// How they sign in: somebody other than who asked.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How a waiver ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverEnd {
    /// How who ended it signs in: they withdrew or refused it, or asked for or approved another in its place.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Catalog {
    /// Waivers that nobody has ended, of all services or of one, in the order in which they were asked for. They may have
    /// expired. Of an item there is at most one that was approved and one that was not.
    pub async fn open_waivers(&self, service: Option<&str>) -> Result<Vec<StoredWaiver>, CatalogError> {
        let mut query = open().order_by_asc(Column::Id);
        if let Some(service) = service {
            query = query.filter(Column::Service.eq(service));
        }
        self.waivers_of(query).await
    }

    /// Every waiver that was asked for in a service, latest first, whatever became of it.
    pub async fn waivers(&self, service: &str) -> Result<Vec<StoredWaiver>, CatalogError> {
        self.waivers_of(Entity::find().filter(Column::Service.eq(service)).order_by_desc(Column::Id)).await
    }

    /// The waiver of this id.
    pub async fn waiver(&self, id: i64) -> Result<Option<StoredWaiver>, CatalogError> {
        Ok(Entity::find_by_id(id).one(&self.db).await?.map(StoredWaiver::from))
    }

    /// Waivers that can be approved and are not, in the order in which they were asked for.
    pub async fn waivers_awaiting_approval(&self, now: Timestamp) -> Result<Vec<StoredWaiver>, CatalogError> {
        let awaiting = open().filter(Column::ApprovedAt.is_null());
        let awaiting = awaiting.filter(Column::ExpiresAt.gt(time::to_column(now)));
        self.waivers_of(awaiting.order_by_asc(Column::Id)).await
    }

    /// Asks for a waiver. One that holds goes on, until the new one is approved.
    ///
    /// Refused when another waits for approval.
    pub async fn ask_waiver(
        &self,
        key: &ItemKey,
        definition: &WaiverDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StoredWaiver, CatalogError> {
        key.check()?;
        let row = new_row(key, definition, actor, now)?;
        let transaction = self.begin().await?;
        let expired = Column::ApprovedAt.is_null().and(Column::ExpiresAt.lte(time::to_column(now)));
        end_all(&transaction, key, expired, actor, now).await?;
        let only = OnConflict::new().do_nothing().to_owned();
        let waiver = match Entity::insert(row).on_conflict(only).exec_with_returning(&transaction).await {
            Err(DbErr::RecordNotFound(_)) => {
                let rule = "of this item waits for approval already; approve or end that one first";
                return Err(CatalogError::Refused { field: WHAT, rule });
            }
            inserted => StoredWaiver::from(inserted?),
        };
        accounts::note(&transaction, actor, "asked for a waiver", &waiver.subject(), now).await?;
        transaction.commit().await?;
        Ok(waiver)
    }

    /// Approves a waiver, which ends the one that held. One that was approved stays as it is. Who may approve is for the
    /// caller to say; that it is not who asked is not: refused with [`CatalogError::OwnWaiver`].
    ///
    /// Refused when it has expired or was ended.
    pub async fn approve_waiver(
        &self,
        id: i64,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StoredWaiver, CatalogError> {
        let transaction = self.begin().await?;
        let row = lock(&transaction, id).await?;
        let waiver = StoredWaiver::from(row.clone());
        waiver.check_approval(actor, now)?;
        if waiver.approval.is_some() {
            return Ok(waiver);
        }
        end_all(&transaction, &waiver.key, Column::ApprovedAt.is_not_null(), actor, now).await?;
        let approved = ActiveModel {
            approved_by: Set(Some(text::detail(&actor.login))),
            approved_at: Set(Some(time::to_column(now))),
            ..row.into_active_model()
        };
        let approved = approved.update(&transaction).await?;
        accounts::note(&transaction, actor, "approved a waiver", &waiver.subject(), now).await?;
        transaction.commit().await?;
        Ok(approved.into())
    }

    /// Ends a waiver: withdraws or refuses one that waits for approval, or lets one that holds hold no longer. One that
    /// was ended stays as it is.
    pub async fn end_waiver(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let row = lock(&transaction, id).await?;
        if row.ended_at.is_some() {
            return Ok(());
        }
        let waiver = StoredWaiver::from(row.clone());
        let ended = ActiveModel {
            ended_by: Set(Some(text::detail(&actor.login))),
            ended_at: Set(Some(time::to_column(now))),
            ..row.into_active_model()
        };
        ended.update(&transaction).await?;
        accounts::note(&transaction, actor, "ended a waiver", &waiver.subject(), now).await?;
        Ok(transaction.commit().await?)
    }

    async fn waivers_of(&self, query: Select<Entity>) -> Result<Vec<StoredWaiver>, CatalogError> {
        Ok(query.all(&self.db).await?.into_iter().map(StoredWaiver::from).collect())
    }
}

impl StoredWaiver {
    /// Whether the item need not be satisfied at a time, as far as the catalog knows.
    pub fn holds(&self, at: Timestamp) -> bool {
        let approved = self.approval.as_ref().is_some_and(|approval| approval.at <= at);
        approved && at < self.definition.expires_at && self.end.as_ref().is_none_or(|end| at < end.at)
    }

    fn check_approval(&self, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        // Whatever the capitals, it is the same person who signs in.
        if text::detail(&actor.login).to_lowercase() == self.asked_by.to_lowercase() {
            return Err(CatalogError::OwnWaiver);
        }
        if self.end.is_some() || self.definition.expires_at <= now {
            let rule = "is over: ask for another one";
            return Err(CatalogError::Refused { field: WHAT, rule });
        }
        Ok(())
    }

    /// What the audit log calls it.
    fn subject(&self) -> String {
        format!("{} until {}: {}", self.key, self.definition.expires_at, self.definition.reason)
    }
}

fn open() -> Select<Entity> {
    Entity::find().filter(Column::EndedAt.is_null())
}

async fn lock(transaction: &DatabaseTransaction, id: i64) -> Result<Model, CatalogError> {
    let row = Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    row.ok_or(CatalogError::NotFound(WHAT))
}

/// Ends those of an item to which a condition applies and which nobody has ended.
async fn end_all(
    db: &impl ConnectionTrait,
    key: &ItemKey,
    which: Expr,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            ended_by: Set(Some(text::detail(&actor.login))),
            ended_at: Set(Some(time::to_column(now))),
            ..Default::default()
        })
        .filter(Column::Service.eq(&*key.service))
        .filter(Column::Template.eq(&*key.template))
        .filter(Column::Item.eq(&*key.item))
        .filter(Column::EndedAt.is_null())
        .filter(which)
        .exec(db)
        .await?;
    Ok(())
}

fn new_row(
    key: &ItemKey,
    definition: &WaiverDefinition,
    actor: &Actor,
    now: Timestamp,
) -> Result<ActiveModel, CatalogError> {
    let WaiverDefinition { reason, expires_at } = definition;
    let (reason, expires_at) = (reason.trim(), time::to_column(*expires_at));
    if reason.is_empty() {
        return Err(CatalogError::Refused { field: "reason", rule: "must say what stands in the way" });
    }
    if expires_at <= time::to_column(now) {
        return Err(CatalogError::Refused { field: "end", rule: "must be in the future" });
    }
    Ok(ActiveModel {
        service: Set(key.service.clone()),
        template: Set(key.template.clone()),
        item: Set(key.item.clone()),
        reason: Set(text::prose("reason", reason)?.to_owned()),
        asked_by: Set(text::detail(&actor.login)),
        asked_at: Set(time::to_column(now)),
        expires_at: Set(expires_at),
        ..Default::default()
    })
}

impl From<Model> for StoredWaiver {
    fn from(row: Model) -> Self {
        let approval = row.approved_by.zip(row.approved_at);
        let end = row.ended_by.zip(row.ended_at);
        Self {
            id: row.id,
            key: ItemKey { service: row.service, template: row.template, item: row.item },
            definition: WaiverDefinition {
                reason: row.reason,
                expires_at: time::from_column(row.expires_at),
            },
            asked_by: row.asked_by,
            asked_at: time::from_column(row.asked_at),
            approval: approval.map(|(by, at)| WaiverApproval { by, at: time::from_column(at) }),
            end: end.map(|(by, at)| WaiverEnd { by, at: time::from_column(at) }),
        }
    }
}
