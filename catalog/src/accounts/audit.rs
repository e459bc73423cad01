//! The audit log: who did what to which account, and when.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::{
    Catalog, CatalogError,
    entity::audit::{ActiveModel, Column, Entity, Model},
    text, time,
};

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// How the person signs in, or a word such as `terminal` for what does not come from a person.
    pub login: String,
    /// Where the request came from, empty where there was none.
    pub address: String,
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Rises with every entry.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who, as they signed in at that time.
    pub actor: String,
    /// What: `role changed to editor`.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// From where.
    pub address: String,
}

impl Catalog {
    /// The latest entries before the one with the id `before`, or at all, latest first.
    pub async fn audit_log(&self, before: Option<i64>, limit: u64) -> Result<Vec<AuditEntry>, CatalogError> {
        let mut query = Entity::find().order_by_desc(Column::Id).limit(limit);
        if let Some(before) = before {
            query = query.filter(Column::Id.lt(before));
        }
        Ok(query.all(&self.db).await?.into_iter().map(AuditEntry::from).collect())
    }

    /// Notes what happened without anything in the catalog changing: a sign-in that failed.
    pub async fn note(
        &self,
        actor: &Actor,
        action: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        Ok(note(&self.db, actor, action, subject, now).await?)
    }
}

/// The latest entries whose subject begins with this, latest first.
pub(crate) async fn of_subject(
    db: &impl ConnectionTrait,
    start: &str,
    limit: u64,
) -> Result<Vec<AuditEntry>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Subject.starts_with(start))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(AuditEntry::from).collect())
}

/// Notes what is done, in the transaction that does it.
pub(crate) async fn note(
    db: &impl ConnectionTrait,
    actor: &Actor,
    action: &str,
    subject: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        at: Set(time::to_column(now)),
        actor: Set(text::detail(&actor.login)),
        action: Set(text::detail(action)),
        subject: Set(text::detail(subject)),
        address: Set(text::detail(&actor.address)),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

impl From<Model> for AuditEntry {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            at: time::from_column(row.at),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            address: row.address,
        }
    }
}
