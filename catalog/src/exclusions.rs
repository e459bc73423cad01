//! Exclusions: time that does not count, because of planned maintenance or a load test.

use std::{fmt, ops::Range};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Set,
};

use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::exclusion::{ActiveModel, Column, Entity, Model},
    text, time,
};

const WHAT: &str = "exclusion";
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Why time does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExclusionKind {
    /// Maintenance that was planned.
    Maintenance,
    /// What happened was a load test.
    LoadTest,
}

/// Repetition in every week, at the same hours of the clock on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// The IANA name of the wall's time zone: `Europe/Berlin`.
    pub zone: String,
    /// No repetition begins at this time or later; none for no end.
    pub until: Option<Timestamp>,
}

/// What people write of an exclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusionDefinition {
    /// Why the time does not count, in one word.
    pub kind: ExclusionKind,
    /// The service for which it does not; none for all services.
    pub service: Option<String>,
    /// When it begins, or the first of its repetitions does.
    pub starts_at: Timestamp,
    /// When it is over, or the first of its repetitions is: the first moment that counts again.
    pub ends_at: Timestamp,
    /// Whether it comes again every week. Then it is shorter than one.
    pub weekly: Option<Weekly>,
    /// Why the time does not count, in a sentence of at most 255 bytes.
    pub reason: String,
}

/// An exclusion in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Identifies it for good.
    pub id: i64,
    /// What people wrote.
    pub definition: ExclusionDefinition,
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
}

impl Catalog {
    /// Every exclusion, latest beginning first.
    pub async fn exclusions(&self) -> Result<Vec<Exclusion>, CatalogError> {
        self.exclusions_of(latest_first()).await
    }

    /// Exclusions that touch a range of time, latest beginning first. Of those that repeat, all which had begun and not
    /// long ended by then: only the repetitions tell whether they touch it.
    pub async fn exclusions_within(&self, range: Range<Timestamp>) -> Result<Vec<Exclusion>, CatalogError> {
        let from = time::to_column(range.start);
        let once = Column::WeeklyZone.is_null().and(Column::EndsAt.gt(from));
        let a_week_before = from.saturating_sub(WEEK.as_millis() as i64);
        let going_on = Column::RepeatsUntil.is_null().or(Column::RepeatsUntil.gt(a_week_before));
        let weekly = Column::WeeklyZone.is_not_null().and(going_on);
        let query = latest_first().filter(Column::StartsAt.lt(time::to_column(range.end)));
        self.exclusions_of(query.filter(once.or(weekly))).await
    }

    /// Makes an exclusion. One in the past is allowed: it changes what has been counted.
    pub async fn create_exclusion(
        &self,
        definition: &ExclusionDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Exclusion, CatalogError> {
        let by = text::detail(&actor.login);
        let row = ActiveModel {
            version: Set(1),
            created_at: Set(time::to_column(now)),
            created_by: Set(by.clone()),
            updated_at: Set(time::to_column(now)),
            updated_by: Set(by),
            ..columns(definition)?
        };
        let transaction = self.begin().await?;
        let exclusion: Exclusion = row.insert(&transaction).await?.try_into()?;
        accounts::note(&transaction, actor, "made an exclusion", &exclusion.subject(), now).await?;
        transaction.commit().await?;
        Ok(exclusion)
    }

    /// Changes an exclusion of which the caller saw the version `expected`. Refused with [`CatalogError::Changed`] when
    /// somebody has changed it since.
    pub async fn update_exclusion(
        &self,
        id: i64,
        expected: i64,
        definition: &ExclusionDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Exclusion, CatalogError> {
        let changes = columns(definition)?;
        let transaction = self.begin().await?;
        let row = lock(&transaction, id).await?;
        if row.version != expected {
            let at = time::from_column(row.updated_at);
            return Err(CatalogError::Changed { what: WHAT, name: row.reason, by: row.updated_by, at });
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
        let exclusion: Exclusion = changed.update(&transaction).await?.try_into()?;
        accounts::note(&transaction, actor, "changed an exclusion", &exclusion.subject(), now).await?;
        transaction.commit().await?;
        Ok(exclusion)
    }

    /// Deletes an exclusion: the time counts again.
    pub async fn delete_exclusion(&self, id: i64, actor: &Actor, now: Timestamp) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        let exclusion: Exclusion = lock(&transaction, id).await?.try_into()?;
        Entity::delete_by_id(id).exec(&transaction).await?;
        accounts::note(&transaction, actor, "deleted an exclusion", &exclusion.subject(), now).await?;
        Ok(transaction.commit().await?)
    }

    async fn exclusions_of(&self, query: Select<Entity>) -> Result<Vec<Exclusion>, CatalogError> {
        query.all(&self.db).await?.into_iter().map(Exclusion::try_from).collect()
    }
}

impl Exclusion {
    /// What the audit log calls it.
    fn subject(&self) -> String {
        let ExclusionDefinition { kind, service, starts_at, ends_at, weekly, reason } = &self.definition;
        let service = service.as_deref().unwrap_or("all services");
        let weekly = if weekly.is_some() { " and weekly from then on" } else { "" };
        format!("{kind} of {service}, {starts_at} to {ends_at}{weekly}: {reason}")
    }
}

fn latest_first() -> Select<Entity> {
    Entity::find().order_by_desc(Column::StartsAt).order_by_desc(Column::Id)
}

async fn lock(transaction: &DatabaseTransaction, id: i64) -> Result<Model, CatalogError> {
    let row = Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    row.ok_or(CatalogError::NotFound(WHAT))
}

/// The columns that people fill, checked.
fn columns(definition: &ExclusionDefinition) -> Result<ActiveModel, CatalogError> {
    let ExclusionDefinition { kind, service, starts_at, ends_at, weekly, reason } = definition;
    if time::to_column(*ends_at) <= time::to_column(*starts_at) {
        return Err(CatalogError::Refused { field: "end", rule: "must be after the start" });
    }
    if let Some(weekly) = weekly {
        check_weekly(weekly, *starts_at, *ends_at)?;
    }
    let service = service.as_deref().map(|service| text::name("service", service.trim())).transpose()?;
    Ok(ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        service: Set(service.map(str::to_owned)),
        starts_at: Set(time::to_column(*starts_at)),
        ends_at: Set(time::to_column(*ends_at)),
        weekly_zone: Set(weekly.as_ref().map(|weekly| weekly.zone.clone())),
        repeats_until: Set(weekly.as_ref().and_then(|weekly| weekly.until).map(time::to_column)),
        reason: Set(text::name("reason", reason.trim())?.to_owned()),
        ..Default::default()
    })
}

fn check_weekly(weekly: &Weekly, starts_at: Timestamp, ends_at: Timestamp) -> Result<(), CatalogError> {
    let refused = |field, rule| Err(CatalogError::Refused { field, rule });
    if ends_at.duration_since(starts_at) >= WEEK {
        return refused(
            "end",
            "must be less than a week after the start, or the repetitions leave nothing over",
        );
    }
    if weekly.until.is_some_and(|until| until <= starts_at) {
        return refused("end of the repetition", "must be after the start");
    }
    if TimeZone::get(&weekly.zone).is_err() {
        return refused("time zone", "must be an IANA name such as Europe/Berlin or UTC");
    }
    Ok(())
}

impl ExclusionKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::LoadTest => "load test",
        }
    }

    fn from_column(kind: String) -> Result<Self, CatalogError> {
        [Self::Maintenance, Self::LoadTest]
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or(CatalogError::Unreadable { what: "a kind of exclusion", value: kind })
    }
}

impl fmt::Display for ExclusionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<Model> for Exclusion {
    type Error = CatalogError;

    fn try_from(row: Model) -> Result<Self, CatalogError> {
        let until = row.repeats_until.map(time::from_column);
        Ok(Self {
            id: row.id,
            definition: ExclusionDefinition {
                kind: ExclusionKind::from_column(row.kind)?,
                service: row.service,
                starts_at: time::from_column(row.starts_at),
                ends_at: time::from_column(row.ends_at),
                weekly: row.weekly_zone.map(|zone| Weekly { zone, until }),
                reason: row.reason,
            },
            version: row.version,
            created_at: time::from_column(row.created_at),
            created_by: row.created_by,
            updated_at: time::from_column(row.updated_at),
            updated_by: row.updated_by,
        })
    }
}
