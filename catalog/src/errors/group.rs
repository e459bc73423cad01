//! Groups as they are read.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::ResolvedIn;
use crate::{
    Catalog, CatalogError,
    entity::{
        error_build,
        error_group::{Column, Entity, Model},
        error_hour,
    },
    time,
};

/// Groups asked for in a statement, of the 32,766 values that SQLite takes.
const GROUPS: usize = 5_000;

/// Errors of a service that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorGroup {
    /// Identifies it for good.
    pub id: String,
    /// The service.
    pub service: String,
    /// The type of the exception.
    pub kind: String,
    /// What the latest of them said.
    pub message: String,
    /// Where the latest of them came from.
    pub place: String,
    /// How many there were.
    pub count: u64,
    /// When the first of them was.
    pub first_seen_at: Timestamp,
    /// When the latest of them was.
    pub last_seen_at: Timestamp,
    /// What people say of it.
    pub state: ErrorState,
    /// That it came again after it had been resolved, if it did, and nobody has looked after it since.
    pub regressed: Option<Regression>,
}

/// What people say of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorState {
    /// Somebody has to see to it.
    Open,
    /// It is mended.
    Resolved {
        /// When somebody said so.
        at: Timestamp,
        /// How they sign in.
        by: String,
        /// From which build on.
        in_build: ResolvedIn,
    },
    /// Nobody wants to hear of it for a time.
    Muted {
        /// When somebody said so.
        at: Timestamp,
        /// How they sign in.
        by: String,
        /// When it is open again.
        until: Timestamp,
    },
}

/// A resolved group came again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regression {
    /// When.
    pub at: Timestamp,
    /// In which build, empty where that is not known.
    pub build: String,
}

/// A build in which errors of a group were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorBuild {
    /// The group.
    pub group: String,
    /// `service.version`, empty where that is not known.
    pub build: String,
    /// How many.
    pub count: u64,
    /// When the first of them was.
    pub first_seen_at: Timestamp,
    /// When the latest of them was.
    pub last_seen_at: Timestamp,
}

/// How often errors of a group were seen in an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorHour {
    /// The group.
    pub group: String,
    /// The hour since the Unix epoch.
    pub hour: i64,
    /// How many.
    pub count: u64,
}

/// Which groups are asked for. The default asks for none: `limit` is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorFilter {
    /// Of this service only.
    pub service: Option<String>,
    /// Only those that are not resolved.
    pub unresolved: bool,
    /// Seen at this time or later.
    pub since: Option<Timestamp>,
    /// So many at most, the latest seen ones.
    pub limit: u64,
}

impl Catalog {
    /// Groups, latest seen first.
    pub async fn error_groups(
        &self,
        filter: &ErrorFilter,
        now: Timestamp,
    ) -> Result<Vec<ErrorGroup>, CatalogError> {
        let ErrorFilter { service, unresolved, since, limit } = filter;
        let mut query = Entity::find()
            .filter(Column::Count.gt(0))
            .order_by_desc(Column::LastSeenAt)
            .order_by_asc(Column::Id)
            .limit(*limit);
        if let Some(service) = service {
            query = query.filter(Column::Service.eq(service));
        }
        if *unresolved {
            query = query.filter(Column::State.ne(RESOLVED));
        }
        if let Some(since) = since {
            query = query.filter(Column::LastSeenAt.gte(time::to_column(*since)));
        }
        query.all(&self.db).await?.into_iter().map(|row| group(row, now)).collect()
    }

    /// A group; none if there is no such.
    pub async fn error_group(&self, id: &str, now: Timestamp) -> Result<Option<ErrorGroup>, CatalogError> {
        Entity::find_by_id(id).one(&self.db).await?.map(|row| group(row, now)).transpose()
    }

    /// The builds in which errors of these groups were seen, of each the latest first.
    pub async fn error_builds(&self, groups: &[String]) -> Result<Vec<ErrorBuild>, CatalogError> {
        use error_build::{Column, Entity};
        let mut builds = Vec::new();
        for some in groups.chunks(GROUPS) {
            let rows = Entity::find()
                .filter(Column::GroupId.is_in(some))
                .order_by_asc(Column::GroupId)
                .order_by_desc(Column::FirstSeenAt)
                .order_by_desc(Column::LastSeenAt)
                .all(&self.db)
                .await?;
            builds.extend(rows.into_iter().map(|row| ErrorBuild {
                group: row.group_id,
                build: row.build,
                count: row.count.unsigned_abs(),
                first_seen_at: time::from_column(row.first_seen_at),
                last_seen_at: time::from_column(row.last_seen_at),
            }));
        }
        Ok(builds)
    }

    /// How often errors of these groups were seen, by the hour, from one on.
    pub async fn error_hours(
        &self,
        groups: &[String],
        from_hour: i64,
    ) -> Result<Vec<ErrorHour>, CatalogError> {
        use error_hour::{Column, Entity};
        let mut hours = Vec::new();
        for some in groups.chunks(GROUPS) {
            let rows = Entity::find()
                .filter(Column::GroupId.is_in(some))
                .filter(Column::Hour.gte(from_hour))
                .order_by_asc(Column::GroupId)
                .order_by_asc(Column::Hour)
                .all(&self.db)
                .await?;
            hours.extend(rows.into_iter().map(|row| ErrorHour {
                group: row.group_id,
                hour: row.hour,
                count: row.count.unsigned_abs(),
            }));
        }
        Ok(hours)
    }
}

pub(super) const OPEN: &str = "open";
pub(super) const RESOLVED: &str = "resolved";
pub(super) const MUTED: &str = "muted";

/// A group as it stands at a time: what was muted until then is open.
pub(super) fn group(row: Model, now: Timestamp) -> Result<ErrorGroup, CatalogError> {
    let at = row.state_at.map(time::from_column).unwrap_or_default();
    let by = row.state_by.unwrap_or_default();
    let state = match row.state.as_str() {
        OPEN => ErrorState::Open,
        RESOLVED => ErrorState::Resolved { at, by, in_build: ResolvedIn::from_column(row.resolved_in) },
        MUTED => match row.muted_until.map(time::from_column) {
            Some(until) if until > now => ErrorState::Muted { at, by, until },
            _ => ErrorState::Open,
        },
        _ => return Err(CatalogError::Unreadable { what: "a state of an error", value: row.state }),
    };
    let regressed = row
        .regressed_at
        .map(|at| Regression { at: time::from_column(at), build: row.regressed_in.unwrap_or_default() });
    Ok(ErrorGroup {
        id: row.id,
        service: row.service,
        kind: row.kind,
        message: row.message,
        place: row.place,
        count: row.count.unsigned_abs(),
        first_seen_at: time::from_column(row.first_seen_at),
        last_seen_at: time::from_column(row.last_seen_at),
        state,
        regressed: regressed.filter(|_| row.state == OPEN),
    })
}
