//! What files say, applied in one transaction.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, Set, sea_query::OnConflict};

use crate::{
    Actor, AnswerDefinition, Catalog, CatalogError, ItemKey, RecordDefinition, ServiceSettings, SloChange,
    TemplateDefinition,
    entity::from_file::{ActiveModel, Entity},
    readiness::{answers, settings, templates},
    records, slos, text,
};

/// Something to be done to the catalog. Where it says what the caller saw, it is refused with [`CatalogError::Changed`] once
/// somebody has changed that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An SLO is made, changed or deleted.
    Slo(SloChange),
    /// A version of a template is added, and used instead of the one that the caller saw in use.
    AddTemplate {
        /// The version.
        definition: TemplateDefinition,
        /// What was in use.
        expected: Option<String>,
    },
    /// A version of a template that there is is put into use, or the template taken out of use.
    UseTemplate {
        /// The template's id.
        template: String,
        /// The version; none for out of use.
        version: Option<String>,
        /// What was in use.
        expected: Option<String>,
    },
    /// Something is said of a service.
    SetService {
        /// The service.
        service: String,
        /// The version that the caller saw; 0 for none.
        expected: i64,
        /// What is said.
        settings: ServiceSettings,
    },
    /// An item is answered.
    Answer {
        /// The item.
        key: ItemKey,
        /// The version of the answer that the caller saw; 0 for none.
        expected: i64,
        /// What is said.
        definition: AnswerDefinition,
    },
    /// An answer is taken back.
    WithdrawAnswer {
        /// The item.
        key: ItemKey,
        /// The version that the caller saw.
        expected: i64,
    },
    /// A record is made.
    CreateRecord(RecordDefinition),
    /// A record is changed.
    UpdateRecord {
        /// Its id.
        id: i64,
        /// The version that the caller saw.
        expected: i64,
        /// What it says from now on.
        definition: RecordDefinition,
    },
    /// A record is deleted with all its versions.
    DeleteRecord {
        /// Its id.
        id: i64,
        /// The version that the caller saw.
        expected: i64,
    },
}

/// Something that a file says, other than an SLO, which tells so itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FromFile {
    /// What kind of thing, as whoever reads files calls it: `template`.
    pub kind: String,
    /// Its name among those.
    pub name: String,
}

impl Catalog {
    /// Everything of which a file was the last to say that it is there.
    pub async fn from_files(&self) -> Result<BTreeSet<FromFile>, CatalogError> {
        let rows = Entity::find().all(&self.db).await?;
        Ok(rows.into_iter().map(|row| FromFile { kind: row.kind, name: row.name }).collect())
    }

    /// Does all of it in this order, or nothing; and notes what came from files from now on, and what does not any more.
    /// `who` is how the person who answers items signs in, and who brings all of it to the catalog.
    pub async fn apply(
        &self,
        changes: &[Change],
        (from_files, gone): (&[FromFile], &[FromFile]),
        who: (&str, &Actor),
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        for change in changes {
            apply(&transaction, change, who, now).await?;
        }
        mark(&transaction, from_files, gone).await?;
        Ok(transaction.commit().await?)
    }
}

async fn apply(
    transaction: &DatabaseTransaction,
    change: &Change,
    who: (&str, &Actor),
    now: Timestamp,
) -> Result<(), CatalogError> {
    let (_, actor) = who;
    match change {
        Change::Slo(change) => slos::apply(transaction, change, actor, now).await,
        Change::AddTemplate { definition, expected } => {
            templates::add(transaction, definition, expected.as_deref(), actor, now).await
        }
        Change::UseTemplate { template, version, expected } => {
            let wanted = (template.as_str(), version.as_deref());
            templates::use_version(transaction, wanted, expected.as_deref(), actor, now).await
        }
        Change::SetService { service, expected, settings } => {
            settings::set(transaction, (service, *expected), settings, actor, now).await.map(drop)
        }
        Change::Answer { key, expected, definition } => {
            answers::answer(transaction, (key, *expected), definition, who, now).await.map(drop)
        }
        Change::WithdrawAnswer { key, expected } => {
            answers::withdraw(transaction, (key, *expected), who, now).await
        }
        Change::CreateRecord(definition) => {
            records::create(transaction, definition, actor, now).await.map(drop)
        }
        Change::UpdateRecord { id, expected, definition } => {
            records::update(transaction, (*id, *expected), definition, actor, now).await.map(drop)
        }
        Change::DeleteRecord { id, expected } => {
            records::delete(transaction, *id, Some(*expected), actor, now).await
        }
    }
}

async fn mark(
    transaction: &DatabaseTransaction,
    from_files: &[FromFile],
    gone: &[FromFile],
) -> Result<(), CatalogError> {
    for FromFile { kind, name } in gone {
        Entity::delete_by_id((kind.clone(), name.clone())).exec(transaction).await?;
    }
    for FromFile { kind, name } in from_files {
        let row = ActiveModel {
            kind: Set(text::name("kind", kind)?.to_owned()),
            // Three names and what is between them fit.
            name: Set(text::detail(name)),
        };
        let once = OnConflict::new().do_nothing().to_owned();
        match Entity::insert(row).on_conflict(once).exec_without_returning(transaction).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
