//! Sessions: signed-in browsers.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, QueryOrder, Set,
    sea_query::{Expr, SimpleExpr},
};

use super::{
    audit::{self, Actor},
    people::{self, Credentials, Person},
    secret::{self, Secret},
};
use crate::{
    Catalog, CatalogError,
    entity::{
        session::{ActiveModel, Column, Entity, Model},
        user,
    },
    prune::milliseconds,
    text, time,
};

/// The time of last use is written at most so often: not every page is worth a write.
const TOUCH_EVERY_MS: i64 = 60_000;

/// For how long a session lasts, and from where it was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTerms {
    /// It ends after this time, whatever happens.
    pub lasts: Duration,
    /// It ends when it was not used for this time. Use is noted to the minute.
    pub idle: Duration,
    /// Address of the browser.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Identifies the session for its owner. Opens nothing.
    pub id: i64,
    /// Who is signed in.
    pub person: Person,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Address of the browser that signed in.
    pub address: String,
    /// What that browser calls itself.
    pub user_agent: String,
}

impl Catalog {
    /// Begins a session for a person whose password has just been verified against these credentials. None if the
    /// password was changed or the person disabled meanwhile. The secret goes into the cookie.
    pub async fn start_session(
        &self,
        verified: &Credentials,
        terms: &SessionTerms,
        now: Timestamp,
    ) -> Result<Option<Secret>, CatalogError> {
        let transaction = self.begin().await?;
        let row = people::find(&transaction, verified.person.id).await?;
        if row.disabled_at.is_some()
            || row.password_hash.is_none()
            || row.password_hash != verified.password_hash
        {
            return Ok(None);
        }
        let actor = Actor { login: row.login.clone(), address: terms.address.clone() };
        let mut person = row.into_active_model();
        person.last_signed_in_at = Set(Some(time::to_column(now)));
        person.update(&transaction).await?;
        let secret = Secret::random("")?;
        Entity::insert(new_row(verified.person.id, &secret, terms, now))
            .exec_without_returning(&transaction)
            .await?;
        audit::note(&transaction, &actor, "signed in", &actor.login, now).await?;
        transaction.commit().await?;
        Ok(Some(secret))
    }

    /// The session that this cookie opens, unless it has ended or its person was disabled. Counts as use.
    pub async fn session(&self, cookie: &str, now: Timestamp) -> Result<Option<Session>, CatalogError> {
        let now = time::to_column(now);
        let found = Entity::find()
            .filter(Column::TokenHash.eq(secret::hash(cookie)))
            .filter(alive(now))
            .find_also_related(user::Entity)
            .one(&self.db)
            .await?;
        let Some((row, Some(person))) = found else { return Ok(None) };
        if person.disabled_at.is_some() {
            return Ok(None);
        }
        if now - row.last_used_at >= TOUCH_EVERY_MS {
            touch(&self.db, row.id, now).await?;
        }
        Ok(Some(session(row, person.try_into()?)))
    }

    /// Every session of a person that has not ended, last used first.
    pub async fn sessions(&self, person: i64, now: Timestamp) -> Result<Vec<Session>, CatalogError> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(person))
            .filter(alive(time::to_column(now)))
            .find_also_related(user::Entity)
            .order_by_desc(Column::LastUsedAt)
            .order_by_desc(Column::Id)
            .all(&self.db)
            .await?;
        rows.into_iter()
            .filter_map(|(row, person)| person.map(|person| Ok(session(row, person.try_into()?))))
            .collect()
    }

    /// Ends a session of a person.
    pub async fn end_session(
        &self,
        person: i64,
        session: i64,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let ended = Entity::delete_many()
            .filter(Column::Id.eq(session))
            .filter(Column::UserId.eq(person))
            .exec(&transaction);
        if ended.await?.rows_affected == 0 {
            return Err(CatalogError::NotFound("session"));
        }
        audit::note(&transaction, actor, "ended a session", &actor.login, now).await?;
        Ok(transaction.commit().await?)
    }
}

/// Ends every session of a person.
pub(super) async fn end_all(db: &impl ConnectionTrait, person: i64) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(person)).exec(db).await?;
    Ok(())
}

/// Forgets sessions that have ended.
pub(crate) async fn prune(db: &impl ConnectionTrait, now: i64) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(alive(now).not()).exec(db).await?.rows_affected)
}

fn alive(now: i64) -> SimpleExpr {
    let idle_until = Expr::col((Entity, Column::LastUsedAt)).add(Expr::col((Entity, Column::IdleMs)));
    Column::ExpiresAt.gt(now).and(idle_until.gt(now))
}

async fn touch(db: &impl ConnectionTrait, id: i64, now: i64) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

fn new_row(person: i64, secret: &Secret, terms: &SessionTerms, now: Timestamp) -> ActiveModel {
    let now = time::to_column(now);
    ActiveModel {
        token_hash: Set(secret::hash(secret.reveal())),
        user_id: Set(person),
        created_at: Set(now),
        last_used_at: Set(now),
        expires_at: Set(now + milliseconds(terms.lasts)),
        idle_ms: Set(milliseconds(terms.idle)),
        address: Set(text::detail(&terms.address)),
        user_agent: Set(text::detail(&terms.user_agent)),
        ..Default::default()
    }
}

fn session(row: Model, person: Person) -> Session {
    Session {
        id: row.id,
        person,
        created_at: time::from_column(row.created_at),
        last_used_at: time::from_column(row.last_used_at),
        expires_at: time::from_column(row.expires_at),
        address: row.address,
        user_agent: row.user_agent,
    }
}
