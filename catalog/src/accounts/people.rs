//! People: who may sign in, and as what.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use super::{
    audit::{self, Actor},
    invitations,
    role::Role,
    sessions,
};
use crate::{
    Catalog, CatalogError,
    entity::user::{ActiveModel, Column, Entity, Model},
    error, text, time,
};

/// A person who may sign in, or might.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Identifies the person for good.
    pub id: i64,
    /// How they are called.
    pub name: String,
    /// How they sign in: a short name or an e-mail address, in lower case.
    pub login: String,
    /// What they may do.
    pub role: Role,
    /// When they were invited.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_signed_in_at: Option<Timestamp>,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<Timestamp>,
    /// Whether they have chosen a password. Without one they cannot sign in.
    pub has_password: bool,
}

/// What a sign-in is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// Who would sign in.
    pub person: Person,
    /// Their password, for [`Passwords::verify`](super::Passwords::verify). None if they have none yet, or may not sign in.
    pub password_hash: Option<String>,
}

impl Catalog {
    /// Whether nobody can manage accounts yet, as on the first start.
    pub async fn needs_set_up(&self) -> Result<bool, CatalogError> {
        Ok(usable_admins().count(&self.db).await? == 0)
    }

    /// Makes the first admin. Only the first of two callers succeeds.
    pub async fn create_first_admin(
        &self,
        name: &str,
        login: &str,
        password_hash: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Person, CatalogError> {
        let transaction = self.begin().await?;
        // On SQLite the transaction has locked everything.
        if transaction.get_database_backend() == DbBackend::Postgres {
            transaction.execute_unprepared("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").await?;
        }
        if usable_admins().count(&transaction).await? > 0 {
            return Err(CatalogError::AlreadySetUp);
        }
        let person = insert(&transaction, name, login, Role::Admin, Some(password_hash), now).await?;
        audit::note(&transaction, actor, "set up the portal", &person.login, now).await?;
        transaction.commit().await?;
        Ok(person)
    }

    /// Everybody, in alphabetical order.
    pub async fn people(&self) -> Result<Vec<Person>, CatalogError> {
        let rows =
            Entity::find().order_by_asc(Column::Name).order_by_asc(Column::Login).all(&self.db).await?;
        rows.into_iter().map(Person::try_from).collect()
    }

    /// What to check a sign-in against. None for a name that nobody has.
    pub async fn credentials(&self, login: &str) -> Result<Option<Credentials>, CatalogError> {
        let Ok(login) = valid_login(login) else { return Ok(None) };
        let row = Entity::find().filter(Column::Login.eq(login)).one(&self.db).await?;
        row.map(|row| {
            let password_hash = row.password_hash.clone().filter(|_| row.disabled_at.is_none());
            Ok(Credentials { person: row.try_into()?, password_hash })
        })
        .transpose()
    }

    /// Changes what a person may do.
    pub async fn change_role(
        &self,
        id: i64,
        role: Role,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        if role != Role::Admin {
            keep_an_admin(&transaction, id).await?;
        }
        let row = find(&transaction, id).await?;
        let login = row.login.clone();
        let mut row = row.into_active_model();
        row.role = Set(role.as_str().to_owned());
        row.update(&transaction).await?;
        audit::note(&transaction, actor, &format!("changed the role to {role}"), &login, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Bars a person from signing in, and signs them out everywhere.
    pub async fn disable_person(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        keep_an_admin(&transaction, id).await?;
        let row = find(&transaction, id).await?;
        let login = row.login.clone();
        let mut row = row.into_active_model();
        row.disabled_at = Set(Some(time::to_column(now)));
        row.update(&transaction).await?;
        sessions::end_all(&transaction, id).await?;
        invitations::withdraw(&transaction, id).await?;
        audit::note(&transaction, actor, "disabled", &login, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Lets a disabled person sign in again.
    pub async fn enable_person(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let row = find(&transaction, id).await?;
        let login = row.login.clone();
        let mut row = row.into_active_model();
        row.disabled_at = Set(None);
        row.update(&transaction).await?;
        audit::note(&transaction, actor, "enabled", &login, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Gives a person another password, and signs them out everywhere.
    pub async fn change_password(
        &self,
        id: i64,
        password_hash: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let login = set_password(&transaction, id, password_hash).await?;
        audit::note(&transaction, actor, "changed the password", &login, now).await?;
        Ok(transaction.commit().await?)
    }
}

/// Sets the password and ends whatever the old one had opened. Returns how the person signs in.
pub(super) async fn set_password(
    transaction: &DatabaseTransaction,
    id: i64,
    password_hash: &str,
) -> Result<String, CatalogError> {
    let row = find(transaction, id).await?;
    let login = row.login.clone();
    let mut row = row.into_active_model();
    row.password_hash = Set(Some(password_hash.to_owned()));
    row.update(transaction).await?;
    sessions::end_all(transaction, id).await?;
    invitations::withdraw(transaction, id).await?;
    Ok(login)
}

/// The person, locked until the transaction ends.
pub(super) async fn find(transaction: &DatabaseTransaction, id: i64) -> Result<Model, CatalogError> {
    let row = Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    row.ok_or(CatalogError::NotFound("person"))
}

pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    name: &str,
    login: &str,
    role: Role,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<Person, CatalogError> {
    let login = valid_login(login)?;
    let row = ActiveModel {
        name: Set(text::name("name", name.trim())?.to_owned()),
        login: Set(login.clone()),
        password_hash: Set(password_hash.map(str::to_owned)),
        role: Set(role.as_str().to_owned()),
        created_at: Set(time::to_column(now)),
        ..Default::default()
    };
    match row.insert(transaction).await {
        Ok(row) => row.try_into(),
        Err(error) if error::is_taken(&error) => Err(CatalogError::LoginTaken(login)),
        Err(error) => Err(error.into()),
    }
}

/// The login of somebody who is invited or may sign in, as it is kept.
pub(crate) async fn active_login(
    db: &impl ConnectionTrait,
    field: &'static str,
    login: &str,
) -> Result<String, CatalogError> {
    let refused = CatalogError::Refused { field, rule: "must be how somebody signs in who has an account" };
    let Ok(login) = valid_login(login) else { return Err(refused) };
    let found = Entity::find().filter(Column::Login.eq(&*login)).filter(Column::DisabledAt.is_null());
    found.one(db).await?.map(|row| row.login).ok_or(refused)
}

/// How a person signs in, whatever its capitals. Without white space, so that no two look alike.
fn valid_login(login: &str) -> Result<String, CatalogError> {
    const FIELD: &str = "sign-in name";
    let login = text::name(FIELD, login.trim())?;
    if login.chars().any(char::is_whitespace) {
        return Err(CatalogError::Refused { field: FIELD, rule: "must not hold white space" });
    }
    Ok(login.to_lowercase())
}

fn usable_admins() -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::Role.eq(Role::Admin.as_str()))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::PasswordHash.is_not_null())
        .order_by_asc(Column::Id)
}

/// Refuses to go on if `id` is the only admin. Admins are locked, so two of them cannot remove each other at once.
async fn keep_an_admin(transaction: &DatabaseTransaction, id: i64) -> Result<(), CatalogError> {
    let admins = usable_admins().lock_exclusive().all(transaction).await?;
    match admins.as_slice() {
        [last] if last.id == id => Err(CatalogError::LastAdmin),
        _ => Ok(()),
    }
}

impl TryFrom<Model> for Person {
    type Error = CatalogError;

    fn try_from(row: Model) -> Result<Self, CatalogError> {
        let role = row.role.parse();
        let role = role.map_err(|_| CatalogError::Unreadable { what: "a role", value: row.role })?;
        Ok(Self {
            id: row.id,
            name: row.name,
            login: row.login,
            role,
            created_at: time::from_column(row.created_at),
            last_signed_in_at: row.last_signed_in_at.map(time::from_column),
            disabled_at: row.disabled_at.map(time::from_column),
            has_password: row.password_hash.is_some(),
        })
    }
}
