//! What people do with groups.

use jiff::Timestamp;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set};

use super::group::{MUTED, OPEN, RESOLVED};
use crate::{
    Actor, AuditEntry, Catalog, CatalogError, accounts,
    entity::error_group::{ActiveModel, Entity, Model},
    text, time,
};

/// Lines of the audit log that are told of a group.
const ACTS: u64 = 50;

/// From which build on errors of a group are not to come any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolvedIn {
    /// The next one: builds in which they were seen until then may go on having them.
    Next,
    /// This one, and those that come after it.
    Build(String),
}

impl ResolvedIn {
    pub(super) fn from_column(build: Option<String>) -> Self {
        build.map_or(Self::Next, Self::Build)
    }
}

impl Catalog {
    /// Says that a group is mended.
    pub async fn resolve_error(
        &self,
        id: &str,
        in_build: &ResolvedIn,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let (words, column) = match in_build {
            ResolvedIn::Next => ("resolved an error in the next build".to_owned(), None),
            ResolvedIn::Build(build) => {
                let build = text::name("build", build.trim())?;
                (format!("resolved an error in build {build}"), Some(build.to_owned()))
            }
        };
        let change = |row: &mut ActiveModel| {
            row.state = Set(RESOLVED.to_owned());
            row.resolved_in = Set(column);
        };
        self.act(id, change, &words, actor, now).await
    }

    /// Says that nobody wants to hear of a group until a time.
    pub async fn mute_error(
        &self,
        id: &str,
        until: Timestamp,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        if until <= now {
            return Err(CatalogError::Refused { field: "until", rule: "must be in the future" });
        }
        let change = |row: &mut ActiveModel| {
            row.state = Set(MUTED.to_owned());
            row.muted_until = Set(Some(time::to_column(until)));
        };
        self.act(id, change, &format!("muted an error until {until}"), actor, now).await
    }

    /// Says that somebody has to see to a group after all.
    pub async fn reopen_error(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let change = |row: &mut ActiveModel| row.state = Set(OPEN.to_owned());
        self.act(id, change, "reopened an error", actor, now).await
    }

    /// What people did with a group, latest first.
    pub async fn error_acts(&self, id: &str) -> Result<Vec<AuditEntry>, CatalogError> {
        Ok(accounts::of_subject(&self.db, &subject_start(id), ACTS).await?)
    }

    async fn act(
        &self,
        id: &str,
        change: impl FnOnce(&mut ActiveModel) + Send,
        words: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let row = Entity::find_by_id(id).lock_exclusive().one(&transaction).await?;
        let row = row.ok_or(CatalogError::NotFound("error"))?;
        let subject = subject(&row);
        let mut row = row.into_active_model();
        row.state_at = Set(Some(time::to_column(now)));
        row.state_by = Set(Some(text::detail(&actor.login)));
        row.regressed_at = Set(None);
        row.regressed_in = Set(None);
        row.resolved_in = Set(None);
        row.muted_until = Set(None);
        change(&mut row);
        row.update(&transaction).await?;
        accounts::note(&transaction, actor, words, &subject, now).await?;
        Ok(transaction.commit().await?)
    }
}

/// What the audit log calls it.
fn subject(row: &Model) -> String {
    format!("{}{} of {}", subject_start(&row.id), row.kind, row.service)
}

fn subject_start(id: &str) -> String {
    format!("error {id}: ")
}
