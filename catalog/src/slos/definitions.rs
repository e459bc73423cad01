//! SLOs as people define them.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, SelectTwo, Set,
};

use super::minutes;
use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::{
        slo::{ActiveModel, Column, Entity, Model},
        slo_evaluation,
    },
    error, text, time,
};

const WHAT: &str = "SLO";

/// What people write of an SLO. White space around the short texts is dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SloDefinition {
    /// The service of which something is asked. It need not have been heard of yet.
    pub service: String,
    /// How it is called on pages.
    pub title: String,
    /// What it is for; at most 16 KiB.
    pub description: String,
    /// The team that answers for it, if any.
    pub team: Option<String>,
    /// What is asked, as JSON of at most 64 KiB. The catalog keeps it as it is.
    pub spec: String,
    /// The file that it came from, if it came from one, as a document of OpenSLO of at most 64 KiB. What is written above
    /// counts where both differ; the catalog keeps this as it is.
    pub openslo: Option<String>,
}

/// What becomes of an SLO, as part of a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SloChange {
    /// It is made.
    Make {
        /// Its name.
        name: String,
        /// What it is to be.
        definition: SloDefinition,
    },
    /// It is changed.
    Change {
        /// Its name.
        name: String,
        /// The version that the caller saw.
        expected: i64,
        /// What it is to be.
        definition: SloDefinition,
        /// What becomes of its minutes.
        minutes: Minutes,
    },
    /// It is deleted with its minutes.
    Delete {
        /// Its name.
        name: String,
        /// The version that the caller saw.
        expected: i64,
    },
}

/// An SLO in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSlo {
    /// Identifies it for good; one that is made anew under the same name has another.
    pub id: i64,
    /// Identifies it to people and programs: `checkout-availability`.
    pub name: String,
    /// What people wrote.
    pub definition: SloDefinition,
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
    /// The first minute since the Unix epoch that has not been evaluated; none before the first evaluation.
    pub evaluated_to: Option<i64>,
    /// How it stood then, as whoever evaluated it wrote it.
    pub standing: Option<String>,
}

/// What becomes of the minutes of an SLO that is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minutes {
    /// They count by the new definition as well.
    Keep,
    /// The new definition would have counted otherwise: they are forgotten.
    Forget,
}

impl Catalog {
    /// Every SLO, by name in alphabetical order.
    pub async fn slos(&self) -> Result<Vec<StoredSlo>, CatalogError> {
        let rows = with_evaluation().order_by_asc(Column::Name).all(&self.db).await?;
        Ok(rows.into_iter().map(StoredSlo::from).collect())
    }

    /// The SLO of this name.
    pub async fn slo(&self, name: &str) -> Result<Option<StoredSlo>, CatalogError> {
        find(&self.db, name).await
    }

    /// Makes an SLO. `name` is 1 to 63 lower-case letters, digits and hyphens, as OpenSLO asks.
    pub async fn create_slo(
        &self,
        name: &str,
        definition: &SloDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StoredSlo, CatalogError> {
        let transaction = self.begin().await?;
        let slo = make(&transaction, name, definition, actor, now).await?;
        transaction.commit().await?;
        Ok(slo)
    }

    /// Changes an SLO of which the caller saw the version `expected`. Refused with [`CatalogError::Changed`] when
    /// somebody has changed it since.
    pub async fn update_slo(
        &self,
        name: &str,
        expected: i64,
        definition: &SloDefinition,
        minutes: Minutes,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StoredSlo, CatalogError> {
        let transaction = self.begin().await?;
        let slo = change(&transaction, (name, expected), definition, minutes, actor, now).await?;
        transaction.commit().await?;
        Ok(slo)
    }

    /// Deletes an SLO and its minutes.
    pub async fn delete_slo(&self, name: &str, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let row = lock(&transaction, name).await?;
        delete(&transaction, row, actor, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Makes, changes and deletes SLOs, all of them or none.
    pub async fn apply_slos(
        &self,
        changes: &[SloChange],
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        for done in changes {
            apply(&transaction, done, actor, now).await?;
        }
        Ok(transaction.commit().await?)
    }
}

pub(crate) async fn apply(
    transaction: &DatabaseTransaction,
    done: &SloChange,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), CatalogError> {
    match done {
        SloChange::Make { name, definition } => {
            make(transaction, name, definition, actor, now).await.map(drop)
        }
        SloChange::Change { name, expected, definition, minutes } => {
            change(transaction, (name, *expected), definition, *minutes, actor, now).await.map(drop)
        }
        SloChange::Delete { name, expected } => {
            let row = lock(transaction, name).await?;
            delete(transaction, unchanged(row, *expected)?, actor, now).await
        }
    }
}

impl SloDefinition {
    /// Whether the catalog would take it under this name.
    ///
    /// # Errors
    /// [`CatalogError::Refused`] with the first field that it would not take.
    pub fn check(&self, name: &str) -> Result<(), CatalogError> {
        text::slug("name", name)?;
        columns(self).map(drop)
    }
}

async fn make(
    transaction: &DatabaseTransaction,
    name: &str,
    definition: &SloDefinition,
    actor: &Actor,
    now: Timestamp,
) -> Result<StoredSlo, CatalogError> {
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
    let row = row.insert(transaction).await.map_err(|error| error::or_taken(error, WHAT, name))?;
    accounts::note(transaction, actor, "made an SLO", name, now).await?;
    Ok((row, None).into())
}

/// `seen` is the SLO's name and the version that the caller saw.
async fn change(
    transaction: &DatabaseTransaction,
    seen: (&str, i64),
    definition: &SloDefinition,
    minutes: Minutes,
    actor: &Actor,
    now: Timestamp,
) -> Result<StoredSlo, CatalogError> {
    let changes = columns(definition)?;
    let (name, expected) = seen;
    let row = unchanged(lock(transaction, name).await?, expected)?;
    if minutes == Minutes::Forget {
        minutes::forget(transaction, row.id).await?;
    }
    let changed = ActiveModel {
        version: Set(row.version + 1),
        updated_at: Set(time::to_column(now)),
        updated_by: Set(text::detail(&actor.login)),
        service: changes.service,
        title: changes.title,
        description: changes.description,
        team: changes.team,
        spec: changes.spec,
        openslo: changes.openslo,
        ..row.into_active_model()
    };
    changed.update(transaction).await?;
    accounts::note(transaction, actor, "changed an SLO", name, now).await?;
    find(transaction, name).await?.ok_or(CatalogError::NotFound(WHAT))
}

async fn delete(
    transaction: &DatabaseTransaction,
    row: Model,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), CatalogError> {
    Entity::delete_by_id(row.id).exec(transaction).await?;
    Ok(accounts::note(transaction, actor, "deleted an SLO", &row.name, now).await?)
}

/// The row, if it has the version that the caller saw.
fn unchanged(row: Model, expected: i64) -> Result<Model, CatalogError> {
    if row.version == expected {
        return Ok(row);
    }
    let at = time::from_column(row.updated_at);
    Err(CatalogError::Changed { what: WHAT, name: row.name, by: row.updated_by, at })
}

fn with_evaluation() -> SelectTwo<Entity, slo_evaluation::Entity> {
    Entity::find().find_also_related(slo_evaluation::Entity)
}

async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<StoredSlo>, CatalogError> {
    let row = with_evaluation().filter(Column::Name.eq(name)).one(db).await?;
    Ok(row.map(StoredSlo::from))
}

async fn lock(transaction: &DatabaseTransaction, name: &str) -> Result<Model, CatalogError> {
    let row = Entity::find().filter(Column::Name.eq(name)).lock_exclusive().one(transaction).await?;
    row.ok_or(CatalogError::NotFound(WHAT))
}

/// The columns that people fill, checked.
fn columns(definition: &SloDefinition) -> Result<ActiveModel, CatalogError> {
    let team = definition.team.as_deref().map(str::trim).filter(|team| !team.is_empty());
    Ok(ActiveModel {
        service: Set(text::name("service", definition.service.trim())?.to_owned()),
        title: Set(text::name("title", definition.title.trim())?.to_owned()),
        description: Set(text::prose("description", &definition.description)?.to_owned()),
        team: Set(team.map(|team| text::name("team", team)).transpose()?.map(str::to_owned)),
        spec: Set(text::document("spec", &definition.spec)?.to_owned()),
        openslo: Set(definition
            .openslo
            .as_deref()
            .map(|openslo| text::document("openslo", openslo))
            .transpose()?
            .map(str::to_owned)),
        ..Default::default()
    })
}

impl From<(Model, Option<slo_evaluation::Model>)> for StoredSlo {
    fn from((row, evaluation): (Model, Option<slo_evaluation::Model>)) -> Self {
        Self {
            id: row.id,
            name: row.name,
            definition: SloDefinition {
                service: row.service,
                title: row.title,
                description: row.description,
                team: row.team,
                spec: row.spec,
                openslo: row.openslo,
            },
            version: row.version,
            created_at: time::from_column(row.created_at),
            created_by: row.created_by,
            updated_at: time::from_column(row.updated_at),
            updated_by: row.updated_by,
            evaluated_to: evaluation.as_ref().map(|evaluation| evaluation.evaluated_to),
            standing: evaluation.and_then(|evaluation| evaluation.standing),
        }
    }
}
