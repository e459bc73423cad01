//! Alerts, as they are kept.

use std::fmt;

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    Catalog, CatalogError,
    entity::alert::{Column, Entity, Model},
    time,
};

/// Where an alert is between its beginning and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// What it is about has begun, and not lasted long enough.
    Pending,
    /// People are told.
    Firing,
    /// Somebody has said that they see to it.
    Acknowledged,
    /// It fires, and nobody is told.
    Silenced,
    /// It is over.
    Resolved,
}

/// How urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Somebody looks at it in their working hours.
    Ticket,
    /// Somebody is woken.
    Page,
}

/// What an alert is about. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertOrigin {
    /// Tells what alerts, such as an SLO and its rule. Of one key there is at most one alert that is not over.
    pub key: String,
    /// The name of the SLO, where it is about one.
    pub slo: Option<String>,
    /// The service.
    pub service: String,
    /// When what it is about began.
    pub started_at: Timestamp,
}

/// How an alert stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertStatus {
    /// Where it is.
    pub state: AlertState,
    /// How urgent it is.
    pub severity: Severity,
    /// When it fired; none while it is pending.
    pub fired_at: Option<Timestamp>,
    /// Who sees to it, and since when.
    pub acknowledged: Option<Acknowledgement>,
    /// When it was over. None exactly while it is not [`AlertState::Resolved`].
    pub resolved_at: Option<Timestamp>,
    /// The rest, as JSON of at most 64 KiB. The catalog keeps it as it is.
    pub details: String,
}

/// Somebody sees to an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// How they sign in.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
}

/// An alert in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Identifies it for good.
    pub id: i64,
    /// Rises with every change; a change names the version that it is made to.
    pub version: i64,
    /// What it is about.
    pub origin: AlertOrigin,
    /// How it stands.
    pub status: AlertStatus,
}

/// Which alerts to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Those of this SLO only.
    pub slo: Option<String>,
    /// Those of this service only.
    pub service: Option<String>,
    /// Those that fired and are over only.
    pub past: bool,
}

impl Catalog {
    /// Every alert that is not over, earliest first.
    pub async fn open_alerts(&self) -> Result<Vec<Alert>, CatalogError> {
        let open = Entity::find().filter(Column::ResolvedAt.is_null()).order_by_asc(Column::Id);
        open.all(&self.db).await?.into_iter().map(Alert::try_from).collect()
    }

    /// The latest alerts before the one with the id `before`, or at all, latest first, over or not.
    pub async fn alerts(
        &self,
        filter: &AlertFilter,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Alert>, CatalogError> {
        let mut query = Entity::find().order_by_desc(Column::Id).limit(limit);
        if let Some(slo) = &filter.slo {
            query = query.filter(Column::Slo.eq(slo));
        }
        if let Some(service) = &filter.service {
            query = query.filter(Column::Service.eq(service));
        }
        if filter.past {
            query = query.filter(Column::ResolvedAt.is_not_null()).filter(Column::FiredAt.is_not_null());
        }
        if let Some(before) = before {
            query = query.filter(Column::Id.lt(before));
        }
        query.all(&self.db).await?.into_iter().map(Alert::try_from).collect()
    }

    /// How many alerts fire that nobody has acknowledged or silenced.
    pub async fn firing_alerts(&self) -> Result<u64, CatalogError> {
        let firing = Column::State.eq(AlertState::Firing.as_str());
        Ok(Entity::find().filter(Column::ResolvedAt.is_null()).filter(firing).count(&self.db).await?)
    }

    /// The alert of this id.
    pub async fn alert(&self, id: i64) -> Result<Option<Alert>, CatalogError> {
        Entity::find_by_id(id).one(&self.db).await?.map(Alert::try_from).transpose()
    }
}

/// Forgets alerts that were over before a time, with all that was told of them, and tells how many.
pub(crate) async fn prune(db: &impl ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    let old = Column::ResolvedAt.lt(before);
    Ok(Entity::delete_many().filter(old).exec(db).await?.rows_affected)
}

impl AlertState {
    const ALL: [Self; 5] = [Self::Pending, Self::Firing, Self::Acknowledged, Self::Silenced, Self::Resolved];

    /// Its word: `firing`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Acknowledged => "acknowledged",
            Self::Silenced => "silenced",
            Self::Resolved => "resolved",
        }
    }
}

impl Severity {
    const ALL: [Self; 2] = [Self::Ticket, Self::Page];

    /// Its word: `page`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Page => "page",
        }
    }
}

impl fmt::Display for AlertState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<Model> for Alert {
    type Error = CatalogError;

    fn try_from(row: Model) -> Result<Self, CatalogError> {
        let state = AlertState::ALL.into_iter().find(|known| known.as_str() == row.state);
        let severity = Severity::ALL.into_iter().find(|known| known.as_str() == row.severity);
        let acknowledged = row.acknowledged_by.zip(row.acknowledged_at);
        Ok(Self {
            id: row.id,
            version: row.version,
            origin: AlertOrigin {
                key: row.key,
                slo: row.slo,
                service: row.service,
                started_at: time::from_column(row.started_at),
            },
            status: AlertStatus {
                state: state
                    .ok_or(CatalogError::Unreadable { what: "an alert's state", value: row.state })?,
                severity: severity
                    .ok_or(CatalogError::Unreadable { what: "an alert's severity", value: row.severity })?,
                fired_at: row.fired_at.map(time::from_column),
                acknowledged: acknowledged.map(|(by, at)| Acknowledgement { by, at: time::from_column(at) }),
                resolved_at: row.resolved_at.map(time::from_column),
                details: row.details,
            },
        })
    }
}
