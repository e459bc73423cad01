//! What people record: runbooks and their runs, gamedays, load tests, incidents, and who is on call.
//!
//! All kinds are kept alike; what the body of each says is the business of who reads it.

use std::fmt;

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::{
        record::{ActiveModel, Column, Entity, Model},
        record_version,
    },
    text, time,
};

/// What kind of thing was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// What to do when something happens.
    Runbook,
    /// A runbook was followed, by somebody at some time.
    RunbookRun,
    /// A failure was brought about on purpose, or will be.
    Gameday,
    /// A load test.
    LoadTest,
    /// Something went wrong.
    Incident,
    /// Who is on call and who is trained.
    Rota,
}

/// What people write of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDefinition {
    /// What kind it is; stays what it is.
    pub kind: RecordKind,
    /// The service that it is of; empty for all services.
    pub service: String,
    /// What it is called, at most 255 bytes.
    pub title: String,
    /// When it happened, will happen, or counts from.
    pub at: Timestamp,
    /// Whether something is still to be done about it.
    pub open: bool,
    /// The rest, as JSON of at most 256 KiB.
    pub body: String,
}

/// A record in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Identifies it for good.
    pub id: i64,
    /// Rises with every change; a change names the version that it is made to.
    pub version: i64,
    /// What people wrote.
    pub definition: RecordDefinition,
    /// When it was made.
    pub created_at: Timestamp,
    /// How who made it signs in.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How who last changed it signs in.
    pub updated_by: String,
}

/// What one version of a record said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordVersion {
    /// Which version, from 1.
    pub version: i64,
    /// What it said.
    pub definition: RecordDefinition,
    /// When it was written.
    pub at: Timestamp,
    /// How who wrote it signs in.
    pub by: String,
}

/// Which records are asked for. The default asks for none: `limit` is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Of this kind only.
    pub kind: Option<RecordKind>,
    /// Of this service, or of all services; `Some("")` for the latter alone.
    pub service: Option<String>,
    /// Open ones only, or closed ones only.
    pub open: Option<bool>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// So many at most.
    pub limit: u64,
}

impl Catalog {
    /// A record; none if there is no such.
    pub async fn record(&self, id: i64) -> Result<Option<Record>, CatalogError> {
        Entity::find_by_id(id).one(&self.db).await?.map(Record::try_from).transpose()
    }

    /// The records asked for, latest [`at`](RecordDefinition::at) first.
    pub async fn records(&self, filter: &RecordFilter) -> Result<Vec<Record>, CatalogError> {
        let RecordFilter { kind, service, open, since, limit } = filter;
        let mut query = Entity::find().order_by_desc(Column::At).order_by_desc(Column::Id).limit(*limit);
        if let Some(kind) = kind {
            query = query.filter(Column::Kind.eq(kind.as_str()));
        }
        if let Some(service) = service {
            query = query.filter(Column::Service.is_in([service.as_str(), ""]));
        }
        if let Some(open) = open {
            query = query.filter(Column::Open.eq(*open));
        }
        if let Some(since) = since {
            query = query.filter(Column::At.gte(time::to_column(*since)));
        }
        query.all(&self.db).await?.into_iter().map(Record::try_from).collect()
    }

    /// What each version of a record said, latest first; nothing if there is no such record.
    pub async fn record_versions(&self, id: i64) -> Result<Vec<RecordVersion>, CatalogError> {
        let Some(record) = self.record(id).await? else { return Ok(Vec::new()) };
        let rows = record_version::Entity::find()
            .filter(record_version::Column::RecordId.eq(id))
            .order_by_desc(record_version::Column::Version)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| version_of(record.definition.kind, row)).collect())
    }

    /// Makes a record.
    pub async fn create_record(
        &self,
        definition: &RecordDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Record, CatalogError> {
        let transaction = self.begin().await?;
        let record = create(&transaction, definition, actor, now).await?;
        transaction.commit().await?;
        Ok(record)
    }

    /// Changes a record of which the caller saw the version `expected`. Refused with [`CatalogError::Changed`] when somebody
    /// has changed it since. What it said before is kept as a version.
    pub async fn update_record(
        &self,
        id: i64,
        expected: i64,
        definition: &RecordDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Record, CatalogError> {
        let transaction = self.begin().await?;
        let record = update(&transaction, (id, expected), definition, actor, now).await?;
        transaction.commit().await?;
        Ok(record)
    }

    /// Deletes a record with all its versions.
    pub async fn delete_record(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        delete(&transaction, id, None, actor, now).await?;
        Ok(transaction.commit().await?)
    }
}

impl RecordDefinition {
    /// Whether the catalog would take it. What its body says is for whoever reads it.
    ///
    /// # Errors
    /// [`CatalogError::Refused`] with the first field that it would not take.
    pub fn check(&self) -> Result<(), CatalogError> {
        columns(self).map(drop)
    }
}

pub(crate) async fn create(
    transaction: &DatabaseTransaction,
    definition: &RecordDefinition,
    actor: &Actor,
    now: Timestamp,
) -> Result<Record, CatalogError> {
    let by = text::detail(&actor.login);
    let row = ActiveModel {
        version: Set(1),
        created_at: Set(time::to_column(now)),
        created_by: Set(by.clone()),
        updated_at: Set(time::to_column(now)),
        updated_by: Set(by),
        ..columns(definition)?
    };
    let record = keep(transaction, row.insert(transaction).await?).await?;
    note(transaction, actor, "wrote", &record, now).await?;
    Ok(record)
}

/// `seen` is the record and the version that the caller saw.
pub(crate) async fn update(
    transaction: &DatabaseTransaction,
    seen: (i64, i64),
    definition: &RecordDefinition,
    actor: &Actor,
    now: Timestamp,
) -> Result<Record, CatalogError> {
    let (id, expected) = seen;
    let changes = columns(definition)?;
    let row = lock(transaction, id).await?;
    if row.version != expected {
        return Err(changed(row)?);
    }
    if RecordKind::from_column(row.kind)? != definition.kind {
        return Err(CatalogError::Refused { field: "kind", rule: "must stay what it is" });
    }
    let changed = ActiveModel {
        id: Set(id),
        version: Set(row.version + 1),
        created_at: Set(row.created_at),
        created_by: Set(row.created_by),
        updated_at: Set(time::to_column(now)),
        updated_by: Set(text::detail(&actor.login)),
        ..changes
    };
    let record = keep(transaction, changed.update(transaction).await?).await?;
    note(transaction, actor, "changed", &record, now).await?;
    Ok(record)
}

/// Refused when somebody has changed it since the version `expected`; none for whatever it says.
pub(crate) async fn delete(
    transaction: &DatabaseTransaction,
    id: i64,
    expected: Option<i64>,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let row = lock(transaction, id).await?;
    if expected.is_some_and(|expected| expected != row.version) {
        return Err(changed(row)?);
    }
    let record = Record::try_from(row)?;
    Entity::delete_by_id(id).exec(transaction).await?;
    Ok(note(transaction, actor, "deleted", &record, now).await?)
}

/// Why the caller does not know what it says.
fn changed(row: Model) -> Result<CatalogError, CatalogError> {
    let what = RecordKind::from_column(row.kind)?.as_str();
    Ok(CatalogError::Changed {
        what,
        name: row.title,
        by: row.updated_by,
        at: time::from_column(row.updated_at),
    })
}

async fn lock(transaction: &DatabaseTransaction, id: i64) -> Result<Model, CatalogError> {
    let row = Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    row.ok_or(CatalogError::NotFound("record"))
}

/// Keeps what a record says as a version of it.
async fn keep(transaction: &DatabaseTransaction, row: Model) -> Result<Record, CatalogError> {
    let version = record_version::Model {
        record_id: row.id,
        version: row.version,
        service: row.service.clone(),
        title: row.title.clone(),
        at: row.at,
        open: row.open,
        body: row.body.clone(),
        updated_at: row.updated_at,
        updated_by: row.updated_by.clone(),
    };
    // Every column of a model is unchanged until it is reset, and what is unchanged is not inserted.
    let version = version.into_active_model().reset_all();
    record_version::Entity::insert(version).exec_without_returning(transaction).await?;
    row.try_into()
}

async fn note(
    transaction: &DatabaseTransaction,
    actor: &Actor,
    verb: &str,
    record: &Record,
    now: Timestamp,
) -> Result<(), DbErr> {
    let RecordDefinition { kind, service, title, .. } = &record.definition;
    let service = if service.is_empty() { "all services" } else { service };
    let (action, subject) = (format!("{verb} {}", kind.with_article()), format!("{title}, of {service}"));
    accounts::note(transaction, actor, &action, &subject, now).await
}

/// The columns that people fill, checked.
fn columns(definition: &RecordDefinition) -> Result<ActiveModel, CatalogError> {
    let RecordDefinition { kind, service, title, at, open, body } = definition;
    let service = match service.trim() {
        "" => "",
        service => text::name("service", service)?,
    };
    Ok(ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        service: Set(service.to_owned()),
        title: Set(text::name("title", title.trim())?.to_owned()),
        at: Set(time::to_column(*at)),
        open: Set(*open),
        body: Set(text::body("body", body)?.to_owned()),
        ..Default::default()
    })
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Runbook, Self::RunbookRun, Self::Gameday, Self::LoadTest, Self::Incident, Self::Rota];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Runbook => "runbook",
            Self::RunbookRun => "run of a runbook",
            Self::Gameday => "gameday",
            Self::LoadTest => "load test",
            Self::Incident => "incident",
            Self::Rota => "rota",
        }
    }

    fn with_article(self) -> String {
        let article = if self == Self::Incident { "an" } else { "a" };
        format!("{article} {self}")
    }

    fn from_column(kind: String) -> Result<Self, CatalogError> {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == kind);
        known.ok_or(CatalogError::Unreadable { what: "a kind of record", value: kind })
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn version_of(kind: RecordKind, row: record_version::Model) -> RecordVersion {
    RecordVersion {
        version: row.version,
        definition: RecordDefinition {
            kind,
            service: row.service,
            title: row.title,
            at: time::from_column(row.at),
            open: row.open,
            body: row.body,
        },
        at: time::from_column(row.updated_at),
        by: row.updated_by,
    }
}

impl TryFrom<Model> for Record {
    type Error = CatalogError;

    fn try_from(row: Model) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id,
            version: row.version,
            definition: RecordDefinition {
                kind: RecordKind::from_column(row.kind)?,
                service: row.service,
                title: row.title,
                at: time::from_column(row.at),
                open: row.open,
                body: row.body,
            },
            created_at: time::from_column(row.created_at),
            created_by: row.created_by,
            updated_at: time::from_column(row.updated_at),
            updated_by: row.updated_by,
        })
    }
}
