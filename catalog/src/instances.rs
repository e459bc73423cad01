//! Instances, as their latest check-in tells.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, SelectTwo};
use seaworthy_protocol::{Build, CheckIn, Health, HealthStatus, InstanceState, Process};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Catalog, CatalogError,
    entity::{instance, service},
    time,
};

/// An instance that has checked in.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Its latest check-in, without what it [is at](Catalog::nows).
    pub check_in: CheckIn,
    /// When its first check-in arrived, by the portal's clock.
    pub first_seen_at: Timestamp,
    /// When its latest check-in arrived, by the portal's clock.
    pub last_seen_at: Timestamp,
}

impl Catalog {
    /// Every instance of a service that is not yet [forgotten](Catalog::prune), latest start first.
    pub async fn instances(&self, service: &str) -> Result<Vec<Instance>, CatalogError> {
        let rows = with_service().filter(service::Column::Name.eq(service)).all(&self.db).await?;
        rows.into_iter().map(Instance::try_from).collect()
    }

    /// Every instance of every service, by service in alphabetical order, then latest start first.
    pub async fn all_instances(&self) -> Result<Vec<Instance>, CatalogError> {
        let rows = with_service().all(&self.db).await?;
        rows.into_iter().map(Instance::try_from).collect()
    }
}

fn with_service() -> SelectTwo<instance::Entity, service::Entity> {
    instance::Entity::find()
        .find_also_related(service::Entity)
        .order_by_asc(service::Column::Name)
        .order_by_desc(instance::Column::StartedAt)
        .order_by_asc(instance::Column::Instance)
}

impl TryFrom<(instance::Model, Option<service::Model>)> for Instance {
    type Error = CatalogError;

    fn try_from((row, service): (instance::Model, Option<service::Model>)) -> Result<Self, CatalogError> {
        let health = Health {
            status: health_from_column(&row.health_status)?,
            checks: from_json("checks", &row.checks)?,
        };
        let process = Process {
            host: row.host,
            pid: row.pid.try_into().unwrap_or_default(),
            started_at: time::from_column(row.started_at),
            admin_address: row.admin_address,
        };
        let build =
            Build { version: row.version, commit: row.commit, built_at: row.built_at.map(time::from_column) };
        let check_in = CheckIn {
            service: service.map(|service| service.name).unwrap_or_default(),
            instance: row.instance,
            environment: row.environment,
            agent: row.agent,
            sequence: row.sequence.try_into().unwrap_or_default(),
            sent_at: time::from_column(row.sent_at),
            build,
            process,
            state: state_from_column(&row.state)?,
            health,
            figures: from_json("figures", &row.figures)?,
            losses: from_json("losses", &row.losses)?,
            observations: from_json("observations", &row.observations)?,
            // They are of commands, and are told there.
            commands: Vec::new(),
            now: None,
            drain: row.drain.map(|json| from_json("a drain report", &json)).transpose()?,
        };
        Ok(Self {
            check_in,
            first_seen_at: time::from_column(row.first_seen_at),
            last_seen_at: time::from_column(row.last_seen_at),
        })
    }
}

pub(crate) const fn state_to_column(state: InstanceState) -> &'static str {
    match state {
        InstanceState::Running => "running",
        InstanceState::Draining => "draining",
        InstanceState::Stopped => "stopped",
    }
}

fn state_from_column(state: &str) -> Result<InstanceState, CatalogError> {
    [InstanceState::Running, InstanceState::Draining, InstanceState::Stopped]
        .into_iter()
        .find(|known| state_to_column(*known) == state)
        .ok_or_else(|| CatalogError::Unreadable { what: "an instance's state", value: state.to_owned() })
}

fn health_from_column(status: &str) -> Result<HealthStatus, CatalogError> {
    [HealthStatus::Ok, HealthStatus::PartiallyAvailable, HealthStatus::Unavailable]
        .into_iter()
        .find(|known| known.as_str() == status)
        .ok_or_else(|| CatalogError::Unreadable { what: "a health status", value: status.to_owned() })
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<String, CatalogError> {
    serde_json::to_string(value)
        .map_err(|error| CatalogError::Unreadable { what: "a value", value: error.to_string() })
}

pub(crate) fn from_json<T: DeserializeOwned>(what: &'static str, json: &str) -> Result<T, CatalogError> {
    serde_json::from_str(json).map_err(|_| CatalogError::Unreadable { what, value: json.to_owned() })
}
