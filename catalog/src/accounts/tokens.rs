//! Tokens: how programs send telemetry and read the API.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set,
    sea_query::Expr,
};

use super::{
    audit::{self, Actor},
    role::Scopes,
    secret::{self, Secret},
};
use crate::{
    Catalog, CatalogError,
    entity::{
        token::{ActiveModel, Column, Entity, Model},
        user,
    },
    text, time,
};

/// Lets people, and scanners for leaked secrets, see what it is.
const PREFIX: &str = "sw_";
/// As much of a token as is kept in the clear, to tell it from others.
const HINT_BYTES: usize = PREFIX.len() + 6;
/// The time of last use is written at most so often: not every batch of telemetry is worth a write.
const TOUCH_EVERY_MS: i64 = 60_000;

/// A token of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Identifies the token. Opens nothing.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// How it begins.
    pub hint: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// How who made it signs in; none where no person did.
    pub created_by: Option<String>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Since when it does not work any more.
    pub revoked_at: Option<Timestamp>,
}

impl Catalog {
    /// Makes a token. The secret is the token itself and cannot be had again. `created_by` is a person's id.
    pub async fn create_token(
        &self,
        name: &str,
        scopes: Scopes,
        created_by: Option<i64>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(Token, Secret), CatalogError> {
        let name = text::name("name", name.trim())?;
        let secret = Secret::random(PREFIX)?;
        let row = ActiveModel {
            name: Set(name.to_owned()),
            hint: Set(secret.reveal().get(..HINT_BYTES).unwrap_or_default().to_owned()),
            token_hash: Set(secret::hash(secret.reveal())),
            scopes: Set(scopes.to_column()),
            created_at: Set(time::to_column(now)),
            created_by: Set(created_by),
            ..Default::default()
        };
        let transaction = self.begin().await?;
        let row = row.insert(&transaction).await?;
        let creator = match created_by {
            Some(id) => user::Entity::find_by_id(id).one(&transaction).await?,
            None => None,
        };
        audit::note(&transaction, actor, &format!("made a token for {}", row.scopes), name, now).await?;
        transaction.commit().await?;
        Ok(((row, creator).try_into()?, secret))
    }

    /// Every token, those that work first, then by name.
    pub async fn tokens(&self) -> Result<Vec<Token>, CatalogError> {
        let rows = Entity::find()
            .find_also_related(user::Entity)
            .order_by_asc(Column::RevokedAt.is_not_null())
            .order_by_asc(Column::Name)
            .order_by_asc(Column::Id)
            .all(&self.db)
            .await?;
        rows.into_iter().map(Token::try_from).collect()
    }

    /// The token with this secret, unless it was revoked. Counts as use.
    pub async fn token(&self, secret: &str, now: Timestamp) -> Result<Option<Token>, CatalogError> {
        let found = Entity::find()
            .find_also_related(user::Entity)
            .filter(Column::TokenHash.eq(secret::hash(secret)))
            .filter(Column::RevokedAt.is_null())
            .one(&self.db)
            .await?;
        let Some((row, creator)) = found else { return Ok(None) };
        let now = time::to_column(now);
        if row.last_used_at.is_none_or(|at| now - at >= TOUCH_EVERY_MS) {
            touch(&self.db, row.id, now).await?;
        }
        Ok(Some((row, creator).try_into()?))
    }

    /// Ends a token for good.
    pub async fn revoke_token(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let row = Entity::find_by_id(id).one(&transaction).await?.ok_or(CatalogError::NotFound("token"))?;
        let revoked = Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(time::to_column(now)))
            .filter(Column::Id.eq(id))
            .filter(Column::RevokedAt.is_null())
            .exec(&transaction)
            .await?;
        if revoked.rows_affected > 0 {
            audit::note(&transaction, actor, "revoked a token", &row.name, now).await?;
        }
        Ok(transaction.commit().await?)
    }
}

async fn touch(db: &impl ConnectionTrait, id: i64, now: i64) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

impl TryFrom<(Model, Option<user::Model>)> for Token {
    type Error = CatalogError;

    fn try_from((row, creator): (Model, Option<user::Model>)) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id,
            name: row.name,
            hint: row.hint,
            scopes: Scopes::from_column(&row.scopes)?,
            created_at: time::from_column(row.created_at),
            created_by: creator.map(|person| person.login),
            last_used_at: row.last_used_at.map(time::from_column),
            revoked_at: row.revoked_at.map(time::from_column),
        })
    }
}
