//! Comments on items.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::ItemKey;
use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::comment::{ActiveModel, Column, Entity, Model},
    text, time,
};

const WHAT: &str = "comment";

/// What somebody remarked on an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Identifies it for good.
    pub id: i64,
    /// The item.
    pub key: ItemKey,
    /// The remark.
    pub text: String,
    /// How who made it signs in.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Catalog {
    /// The comments on an item, earliest first.
    pub async fn comments(&self, key: &ItemKey) -> Result<Vec<Comment>, CatalogError> {
        let rows = Entity::find()
            .filter(Column::Service.eq(&*key.service))
            .filter(Column::Template.eq(&*key.template))
            .filter(Column::Item.eq(&*key.item))
            .order_by_asc(Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Comment::from).collect())
    }

    /// How many comments there are on the items of a service. Items without any are not among them.
    pub async fn comment_counts(&self, service: &str) -> Result<BTreeMap<ItemKey, u64>, CatalogError> {
        let rows: Vec<(String, String, i64)> = Entity::find()
            .select_only()
            .columns([Column::Template, Column::Item])
            .column_as(Column::Id.count(), "comments")
            .filter(Column::Service.eq(service))
            .group_by(Column::Template)
            .group_by(Column::Item)
            .into_tuple()
            .all(&self.db)
            .await?;
        let counts = rows.into_iter().map(|(template, item, comments)| {
            (ItemKey { service: service.to_owned(), template, item }, comments.unsigned_abs())
        });
        Ok(counts.collect())
    }

    /// The comment of this id.
    pub async fn comment(&self, id: i64) -> Result<Option<Comment>, CatalogError> {
        Ok(Entity::find_by_id(id).one(&self.db).await?.map(Comment::from))
    }

    /// Adds a comment: at most 16 KiB, and not blank.
    pub async fn add_comment(
        &self,
        key: &ItemKey,
        text: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Comment, CatalogError> {
        key.check()?;
        if text.trim().is_empty() {
            return Err(CatalogError::Refused { field: WHAT, rule: "must not be blank" });
        }
        let row = ActiveModel {
            service: Set(key.service.clone()),
            template: Set(key.template.clone()),
            item: Set(key.item.clone()),
            text: Set(text::prose(WHAT, text)?.to_owned()),
            by: Set(text::detail(&actor.login)),
            at: Set(time::to_column(now)),
            ..Default::default()
        };
        let transaction = self.begin().await?;
        let comment = Comment::from(row.insert(&transaction).await?);
        accounts::note(&transaction, actor, "commented on", &key.to_string(), now).await?;
        transaction.commit().await?;
        Ok(comment)
    }

    /// Deletes a comment. Whose one may delete is for the caller to say.
    pub async fn delete_comment(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let row = Entity::find_by_id(id).lock_exclusive().one(&transaction).await?;
        let comment = Comment::from(row.ok_or(CatalogError::NotFound(WHAT))?);
        Entity::delete_by_id(id).exec(&transaction).await?;
        let action = format!("deleted a comment of {} on", comment.by);
        accounts::note(&transaction, actor, &action, &comment.key.to_string(), now).await?;
        Ok(transaction.commit().await?)
    }
}

impl From<Model> for Comment {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            key: ItemKey { service: row.service, template: row.template, item: row.item },
            text: row.text,
            by: row.by,
            at: time::from_column(row.at),
        }
    }
}
