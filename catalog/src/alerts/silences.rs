//! Silences: time in which alerts are not told, though they fire.

use jiff::Timestamp;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::silence::{ActiveModel, Column, Entity, Model},
    text, time,
};

/// What people write of a silence. It is of the alerts that are of both the service and the SLO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilenceDefinition {
    /// The service; none for all.
    pub service: Option<String>,
    /// The name of the SLO; none for all, and for alerts that are about none.
    pub slo: Option<String>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The first moment at which alerts are told again.
    pub ends_at: Timestamp,
    /// Why, in a sentence of at most 255 bytes.
    pub reason: String,
}

/// A silence in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Identifies it for good.
    pub id: i64,
    /// What people wrote, ended as they have ended it.
    pub definition: SilenceDefinition,
    /// When it was made.
    pub created_at: Timestamp,
    /// How who made it signs in.
    pub created_by: String,
}

impl Catalog {
    /// The silences that are not over at a time, earliest beginning first.
    pub async fn silences(&self, now: Timestamp) -> Result<Vec<Silence>, CatalogError> {
        let rows = Entity::find()
            .filter(Column::EndsAt.gt(time::to_column(now)))
            .order_by_asc(Column::StartsAt)
            .order_by_asc(Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Silence::from).collect())
    }

    /// The silences that were over by a time, latest end first.
    pub async fn past_silences(&self, now: Timestamp, limit: u64) -> Result<Vec<Silence>, CatalogError> {
        let rows = Entity::find()
            .filter(Column::EndsAt.lte(time::to_column(now)))
            .order_by_desc(Column::EndsAt)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Silence::from).collect())
    }

    /// Makes a silence.
    pub async fn create_silence(
        &self,
        definition: &SilenceDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Silence, CatalogError> {
        let row = ActiveModel {
            created_at: Set(time::to_column(now)),
            created_by: Set(text::detail(&actor.login)),
            ..columns(definition, now)?
        };
        let transaction = self.begin().await?;
        let silence = Silence::from(row.insert(&transaction).await?);
        accounts::note(&transaction, actor, "made a silence", &silence.subject(), now).await?;
        transaction.commit().await?;
        Ok(silence)
    }

    /// Ends a silence before its time. One that has not begun is deleted; one that is over stays as it is.
    pub async fn end_silence(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let row = Entity::find_by_id(id).lock_exclusive().one(&transaction).await?;
        let silence = Silence::from(row.ok_or(CatalogError::NotFound("silence"))?);
        if silence.definition.ends_at <= now {
            return Ok(());
        }
        if silence.definition.starts_at >= now {
            Entity::delete_by_id(id).exec(&transaction).await?;
        } else {
            let ended = ActiveModel { id: Set(id), ends_at: Set(time::to_column(now)), ..Default::default() };
            ended.update(&transaction).await?;
        }
        accounts::note(&transaction, actor, "ended a silence", &silence.subject(), now).await?;
        Ok(transaction.commit().await?)
    }
}

impl Silence {
    /// Whether it keeps an alert silent at a time.
    pub fn covers(&self, service: &str, slo: Option<&str>, at: Timestamp) -> bool {
        let SilenceDefinition { starts_at, ends_at, .. } = self.definition;
        (starts_at..ends_at).contains(&at)
            && self.definition.service.as_deref().is_none_or(|only| only == service)
            && self.definition.slo.as_deref().is_none_or(|only| Some(only) == slo)
    }

    /// What the audit log calls it.
    fn subject(&self) -> String {
        let SilenceDefinition { service, slo, starts_at, ends_at, reason } = &self.definition;
        let of = match (service, slo) {
            (None, None) => "everything".to_owned(),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (Some(service), Some(slo)) => format!("{slo} of {service}"),
        };
        format!("{of}, {starts_at} to {ends_at}: {reason}")
    }
}

/// The columns that people fill, checked.
fn columns(definition: &SilenceDefinition, now: Timestamp) -> Result<ActiveModel, CatalogError> {
    let SilenceDefinition { service, slo, starts_at, ends_at, reason } = definition;
    let (starts_at, ends_at) = (time::to_column(*starts_at), time::to_column(*ends_at));
    if ends_at <= starts_at.max(time::to_column(now)) {
        return Err(CatalogError::Refused {
            field: "end",
            rule: "must be after the start, and in the future",
        });
    }
    let service = service.as_deref().map(|service| text::name("service", service.trim())).transpose()?;
    let slo = slo.as_deref().map(|slo| text::name("SLO", slo.trim())).transpose()?;
    Ok(ActiveModel {
        service: Set(service.map(str::to_owned)),
        slo: Set(slo.map(str::to_owned)),
        starts_at: Set(starts_at),
        ends_at: Set(ends_at),
        reason: Set(text::name("reason", reason.trim())?.to_owned()),
        ..Default::default()
    })
}

impl From<Model> for Silence {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            definition: SilenceDefinition {
                service: row.service,
                slo: row.slo,
                starts_at: time::from_column(row.starts_at),
                ends_at: time::from_column(row.ends_at),
                reason: row.reason,
            },
            created_at: time::from_column(row.created_at),
            created_by: row.created_by,
        }
    }
}
