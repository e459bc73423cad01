//! How often profiles are taken of services by themselves: not at all, unless somebody says so.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Set,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::profile_schedule::{ActiveModel, Column, Entity, Model},
    text, time,
};

/// A profile takes ten seconds, and its instance is looked at by somebody else in between.
const SHORTEST_MINUTES: u32 = 5;
const LONGEST_MINUTES: u32 = 7 * 24 * 60;
const MINUTE_MS: i64 = 60_000;

/// How often profiles are taken of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileSchedule {
    /// Minutes from one instance to the next.
    pub every_minutes: u32,
    /// Whether of the CPU.
    pub cpu: bool,
    /// Whether of the heap.
    pub heap: bool,
    /// Whether of tasks.
    pub tasks: bool,
}

/// What somebody has said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProfileSchedule {
    /// The service.
    pub service: String,
    /// How often.
    pub schedule: ProfileSchedule,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How who last changed it signs in.
    pub updated_by: String,
    /// When profiles were last asked for.
    pub begun_at: Option<Timestamp>,
}

impl Catalog {
    /// What is said of a service; none where profiles are not taken by themselves.
    pub async fn profile_schedule(
        &self,
        service: &str,
    ) -> Result<Option<StoredProfileSchedule>, CatalogError> {
        let row = Entity::find_by_id(service).one(&self.db).await?;
        Ok(row.map(StoredProfileSchedule::from))
    }

    /// Says how often profiles are taken of a service; with none they are no longer.
    pub async fn set_profile_schedule(
        &self,
        service: &str,
        schedule: Option<ProfileSchedule>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let service = text::name("service", service)?;
        let row = schedule.map(|schedule| row(service, schedule, actor, now)).transpose()?;
        let transaction = self.begin().await?;
        let action = match row {
            Some(row) => {
                let known = OnConflict::column(Column::Service)
                    .update_columns([
                        Column::EveryMinutes,
                        Column::Cpu,
                        Column::Heap,
                        Column::Tasks,
                        Column::UpdatedAt,
                        Column::UpdatedBy,
                    ])
                    .to_owned();
                Entity::insert(row).on_conflict(known).exec_without_returning(&transaction).await?;
                "scheduled profiles of"
            }
            None => {
                Entity::delete_by_id(service).exec(&transaction).await?;
                "ended the schedule of profiles of"
            }
        };
        accounts::note(&transaction, actor, action, service, now).await?;
        Ok(transaction.commit().await?)
    }

    /// The services of which profiles are to be taken now, by name, each told to one caller only: to whoever asks first.
    pub async fn begin_scheduled_profiles(
        &self,
        now: Timestamp,
    ) -> Result<Vec<StoredProfileSchedule>, CatalogError> {
        let at = time::to_column(now);
        let mut begun = Vec::new();
        for row in Entity::find().order_by_asc(Column::Service).all(&self.db).await? {
            let before = at - row.every_minutes.saturating_mul(MINUTE_MS);
            let is_due = Column::BegunAt.is_null().or(Column::BegunAt.lte(before));
            let claimed = Entity::update_many()
                .col_expr(Column::BegunAt, Expr::value(at))
                .filter(Column::Service.eq(row.service.as_str()).and(is_due))
                .exec(&self.db)
                .await?;
            if claimed.rows_affected == 1 {
                begun.push(StoredProfileSchedule::from(row));
            }
        }
        Ok(begun)
    }
}

fn row(
    service: &str,
    schedule: ProfileSchedule,
    actor: &Actor,
    now: Timestamp,
) -> Result<ActiveModel, CatalogError> {
    if !(SHORTEST_MINUTES..=LONGEST_MINUTES).contains(&schedule.every_minutes) {
        return Err(CatalogError::Refused { field: "every", rule: "must be from 5 minutes to a week" });
    }
    if !schedule.cpu && !schedule.heap && !schedule.tasks {
        return Err(CatalogError::Refused { field: "cpu", rule: "or heap or tasks must be chosen" });
    }
    Ok(ActiveModel {
        service: Set(service.to_owned()),
        every_minutes: Set(schedule.every_minutes.into()),
        cpu: Set(schedule.cpu),
        heap: Set(schedule.heap),
        tasks: Set(schedule.tasks),
        updated_at: Set(time::to_column(now)),
        updated_by: Set(text::detail(&actor.login)),
        begun_at: Set(None),
    })
}

impl From<Model> for StoredProfileSchedule {
    fn from(row: Model) -> Self {
        Self {
            service: row.service,
            schedule: ProfileSchedule {
                every_minutes: row.every_minutes.try_into().unwrap_or(LONGEST_MINUTES),
                cpu: row.cpu,
                heap: row.heap,
                tasks: row.tasks,
            },
            updated_at: time::from_column(row.updated_at),
            updated_by: row.updated_by,
            begun_at: row.begun_at.map(time::from_column),
        }
    }
}
