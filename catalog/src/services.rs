//! Services: whatever has checked in or sent telemetry.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set, sea_query::OnConflict,
};

use crate::{
    Catalog, CatalogError,
    entity::{service, team},
    text, time,
};

/// Telemetry of a service is noted in the catalog at most so often.
const NOTE_EVERY_MS: i64 = 30_000;
/// Names kept in memory to know when they were noted; beyond it the oldest knowledge is dropped, and costs a write.
const REMEMBERED: usize = 10_000;

/// A service that has been heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// OpenTelemetry's `service.name`.
    pub name: String,
    /// The team that it belongs to, if any.
    pub team: Option<String>,
    /// When it was first heard of.
    pub first_seen_at: Timestamp,
    /// When it last checked in or sent telemetry; telemetry is noted every 30 s.
    pub last_seen_at: Timestamp,
}

/// When each service was last noted, so that not every batch of telemetry writes to the catalog.
#[derive(Debug, Default)]
pub(crate) struct SeenServices(Mutex<HashMap<String, i64>>);

impl Catalog {
    /// Notes that services sent telemetry, whatever language they are written in. Names that no service may have
    /// (blank, longer than 255 bytes, with control characters) are passed over.
    ///
    /// Cheap to call with every batch: the database is touched once in 30 s for each service.
    pub async fn note_services_seen<S: AsRef<str>>(
        &self,
        names: &[S],
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let now = time::to_column(now);
        let due = self.seen.due(names.iter().map(AsRef::as_ref), now);
        if due.is_empty() {
            return Ok(());
        }
        let rows = due.iter().map(|name| new_row(name, now));
        service::Entity::insert_many(rows).on_conflict(seen_again()).exec_without_returning(&self.db).await?;
        self.seen.noted(due, now);
        Ok(())
    }

    /// Every service, in alphabetical order.
    pub async fn services(&self) -> Result<Vec<Service>, CatalogError> {
        let rows = with_team().order_by_asc(service::Column::Name).all(&self.db).await?;
        Ok(rows.into_iter().map(Service::from).collect())
    }

    /// The service of this name.
    pub async fn service(&self, name: &str) -> Result<Option<Service>, CatalogError> {
        let row = with_team().filter(service::Column::Name.eq(name)).one(&self.db).await?;
        Ok(row.map(Service::from))
    }
}

fn with_team() -> sea_orm::SelectTwo<service::Entity, team::Entity> {
    service::Entity::find().find_also_related(team::Entity)
}

impl From<(service::Model, Option<team::Model>)> for Service {
    fn from((service, team): (service::Model, Option<team::Model>)) -> Self {
        Self {
            name: service.name,
            team: team.map(|team| team.name),
            first_seen_at: time::from_column(service.first_seen_at),
            last_seen_at: time::from_column(service.last_seen_at),
        }
    }
}

/// The id of the service, which is noted as seen, and made if it is new.
pub(crate) async fn see(db: &impl ConnectionTrait, name: &str, now: i64) -> Result<i64, DbErr> {
    let seen = service::Entity::insert(new_row(name, now)).on_conflict(seen_again()).exec(db).await?;
    Ok(seen.last_insert_id)
}

fn new_row(name: &str, now: i64) -> service::ActiveModel {
    service::ActiveModel {
        name: Set(name.to_owned()),
        first_seen_at: Set(now),
        last_seen_at: Set(now),
        ..Default::default()
    }
}

fn seen_again() -> OnConflict {
    OnConflict::column(service::Column::Name).update_column(service::Column::LastSeenAt).to_owned()
}

impl SeenServices {
    /// Valid names that were not noted lately, in alphabetical order: two writers that take the same rows in the same
    /// order cannot wait for each other.
    fn due<'a>(&self, names: impl Iterator<Item = &'a str>, now: i64) -> Vec<String> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |name: &str| noted.get(name).is_some_and(|at| (now - at).abs() < NOTE_EVERY_MS);
        let due: HashSet<&str> =
            names.filter(|name| text::name("service", name).is_ok() && !recent(name)).collect();
        let mut due: Vec<String> = due.into_iter().map(str::to_owned).collect();
        due.sort_unstable();
        due
    }

    fn noted(&self, names: Vec<String>, now: i64) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() + names.len() > REMEMBERED {
            noted.clear();
        }
        noted.extend(names.into_iter().take(REMEMBERED).map(|name| (name, now)));
    }
}
