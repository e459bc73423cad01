//! What people say of a service as a whole.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryOrder, QuerySelect, Set,
    sea_query::OnConflict,
};

use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::service_setting::{ActiveModel, Column, Entity, Model},
    text, time,
};

const WHAT: &str = "settings of the service";

/// What people say of a service. Blank is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Its kind, as templates name those that they are for: `worker`.
    pub kind: Option<String>,
    /// Where to look from outside whether it answers: an address of the web.
    pub url: Option<String>,
    /// How who answers for it signs in, in any capitals; somebody with an account.
    pub owner: Option<String>,
}

/// What is said of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredServiceSettings {
    /// The service. It need not have been heard of yet.
    pub service: String,
    /// What was written.
    pub settings: ServiceSettings,
    /// Rises with every change; a change names the version that it is made to.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How who last changed it signs in.
    pub updated_by: String,
}

impl Catalog {
    /// What is said of services, by service in alphabetical order.
    pub async fn all_service_settings(&self) -> Result<Vec<StoredServiceSettings>, CatalogError> {
        let rows = Entity::find().order_by_asc(Column::Service).all(&self.db).await?;
        Ok(rows.into_iter().map(StoredServiceSettings::from).collect())
    }

    /// What is said of a service; none where nobody has said anything.
    pub async fn service_settings(
        &self,
        service: &str,
    ) -> Result<Option<StoredServiceSettings>, CatalogError> {
        let row = Entity::find_by_id(service).one(&self.db).await?;
        Ok(row.map(StoredServiceSettings::from))
    }

    /// Says something of a service. `expected` is the version that the caller saw; 0 where nobody had said anything.
    ///
    /// Refused with [`CatalogError::Changed`] when somebody else has said something since.
    pub async fn set_service_settings(
        &self,
        service: &str,
        expected: i64,
        settings: &ServiceSettings,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StoredServiceSettings, CatalogError> {
        let transaction = self.begin().await?;
        let stored = set(&transaction, (service, expected), settings, actor, now).await?;
        transaction.commit().await?;
        Ok(stored)
    }
}

/// `seen` is the service and the version that the caller saw.
pub(crate) async fn set(
    transaction: &DatabaseTransaction,
    seen: (&str, i64),
    settings: &ServiceSettings,
    actor: &Actor,
    now: Timestamp,
) -> Result<StoredServiceSettings, CatalogError> {
    let (service, expected) = seen;
    let service = text::name("service", service)?;
    let written = ActiveModel {
        service: Set(service.to_owned()),
        version: Set(expected + 1),
        updated_at: Set(time::to_column(now)),
        updated_by: Set(text::detail(&actor.login)),
        ..columns(transaction, settings).await?
    };
    let row = write(transaction, service, expected, written).await?;
    accounts::note(transaction, actor, "changed the settings of a service", service, now).await?;
    Ok(row.into())
}

async fn write(
    transaction: &DatabaseTransaction,
    service: &str,
    expected: i64,
    written: ActiveModel,
) -> Result<Model, CatalogError> {
    match Entity::find_by_id(service).lock_exclusive().one(transaction).await? {
        Some(before) if before.version == expected => return Ok(written.update(transaction).await?),
        Some(before) => return Err(changed(before)),
        None if expected != 0 => return Err(CatalogError::NotFound("entry of settings")),
        None => {}
    }
    // What another writes at the same moment is not seen before it is there.
    let only = OnConflict::new().do_nothing().to_owned();
    match Entity::insert(written).on_conflict(only).exec_with_returning(transaction).await {
        Err(DbErr::RecordNotFound(_)) => {
            let theirs = Entity::find_by_id(service).one(transaction).await?;
            Err(theirs.map_or(CatalogError::NotFound("entry of settings"), changed))
        }
        inserted => Ok(inserted?),
    }
}

fn changed(row: Model) -> CatalogError {
    let at = time::from_column(row.updated_at);
    CatalogError::Changed { what: WHAT, name: row.service, by: row.updated_by, at }
}

/// The columns that people fill, checked.
async fn columns(db: &impl ConnectionTrait, settings: &ServiceSettings) -> Result<ActiveModel, CatalogError> {
    let owner = match filled(settings.owner.as_deref()) {
        Some(owner) => Some(accounts::active_login(db, "owner", owner).await?),
        None => None,
    };
    let (kind, url) = checked(settings)?;
    Ok(ActiveModel {
        kind: Set(kind.map(str::to_owned)),
        url: Set(url.map(str::to_owned)),
        owner: Set(owner),
        ..Default::default()
    })
}

/// Kind and address, checked.
fn checked(settings: &ServiceSettings) -> Result<(Option<&str>, Option<&str>), CatalogError> {
    let kind = filled(settings.kind.as_deref()).map(|kind| text::name("kind", kind)).transpose()?;
    let url = filled(settings.url.as_deref()).map(|url| text::link("url", url)).transpose()?;
    Ok((kind, url))
}

impl ServiceSettings {
    /// Whether the catalog would take them for this service, as far as can be told without it: whether the owner has an
    /// account cannot.
    ///
    /// # Errors
    /// [`CatalogError::Refused`] with the first field that it would not take.
    pub fn check(&self, service: &str) -> Result<(), CatalogError> {
        text::name("service", service)?;
        checked(self).map(drop)
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

impl From<Model> for StoredServiceSettings {
    fn from(row: Model) -> Self {
        Self {
            service: row.service,
            settings: ServiceSettings { kind: row.kind, url: row.url, owner: row.owner },
            version: row.version,
            updated_at: time::from_column(row.updated_at),
            updated_by: row.updated_by,
        }
    }
}
