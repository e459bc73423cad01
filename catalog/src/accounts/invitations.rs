//! Invitations: a link with which a person chooses a password, once, within a few days.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::OnConflict,
};

use super::{
    audit::{self, Actor},
    people::{self, Person},
    role::Role,
    secret::{self, Secret},
};
use crate::{
    Catalog, CatalogError,
    entity::{
        invitation::{ActiveModel, Column, Entity},
        user,
    },
    prune::milliseconds,
    time,
};

const VALID_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// An open invitation.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Who is invited.
    pub person: Person,
    /// What the link ends with. Shown once.
    pub secret: Secret,
    /// When the link ends to work.
    pub expires_at: Timestamp,
}

impl Catalog {
    /// Adds a person, who chooses a password with the link.
    pub async fn invite(
        &self,
        name: &str,
        login: &str,
        role: Role,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Invitation, CatalogError> {
        let transaction = self.begin().await?;
        let person = people::insert(&transaction, name, login, role, None, now).await?;
        audit::note(&transaction, actor, &format!("invited as {role}"), &person.login, now).await?;
        let invitation = open(&transaction, person, now).await?;
        transaction.commit().await?;
        Ok(invitation)
    }

    /// Makes another link for a person, who forgot the password or lost the link. The one before ends to work; the
    /// password, if there is one, works until another is chosen.
    pub async fn invite_again(
        &self,
        id: i64,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Invitation, CatalogError> {
        let transaction = self.begin().await?;
        let row = people::find(&transaction, id).await?;
        if row.disabled_at.is_some() {
            return Err(CatalogError::Refused { field: "person", rule: "is disabled; enable them first" });
        }
        let person = Person::try_from(row)?;
        audit::note(&transaction, actor, "made a new sign-in link", &person.login, now).await?;
        let invitation = open(&transaction, person, now).await?;
        transaction.commit().await?;
        Ok(invitation)
    }

    /// Who is invited by this link, if it still works.
    pub async fn invited(&self, secret: &str, now: Timestamp) -> Result<Option<Person>, CatalogError> {
        let found = Entity::find()
            .filter(Column::TokenHash.eq(secret::hash(secret)))
            .filter(Column::ExpiresAt.gt(time::to_column(now)))
            .find_also_related(user::Entity)
            .one(&self.db)
            .await?;
        found.and_then(|(_, person)| person).map(Person::try_from).transpose()
    }

    /// Sets the password of the person whom this link invites, and uses the link up. Of two callers one succeeds.
    pub async fn accept_invitation(
        &self,
        secret: &str,
        password_hash: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let invitation = Entity::find()
            .filter(Column::TokenHash.eq(secret::hash(secret)))
            .filter(Column::ExpiresAt.gt(time::to_column(now)))
            .lock_exclusive()
            .one(&transaction)
            .await?
            .ok_or(CatalogError::NotFound("invitation"))?;
        let login = people::set_password(&transaction, invitation.user_id, password_hash).await?;
        let actor = Actor { login: login.clone(), address: address.to_owned() };
        audit::note(&transaction, &actor, "chose a password by invitation", &login, now).await?;
        Ok(transaction.commit().await?)
    }
}

async fn open(
    transaction: &DatabaseTransaction,
    person: Person,
    now: Timestamp,
) -> Result<Invitation, CatalogError> {
    let secret = Secret::random("")?;
    let expires_at = time::to_column(now) + milliseconds(VALID_FOR);
    let row = ActiveModel {
        user_id: Set(person.id),
        token_hash: Set(secret::hash(secret.reveal())),
        expires_at: Set(expires_at),
    };
    let again =
        OnConflict::column(Column::UserId).update_columns([Column::TokenHash, Column::ExpiresAt]).to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(transaction).await?;
    Ok(Invitation { person, secret, expires_at: time::from_column(expires_at) })
}

/// Ends whatever link the person has.
pub(super) async fn withdraw(db: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    Entity::delete_by_id(user_id).exec(db).await?;
    Ok(())
}
