//! Forgets what has run out.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter};
use seaworthy_protocol::InstanceState;

use crate::{
    Catalog, CatalogError, accounts, alerts, commands, deploys,
    entity::{
        audit,
        instance::{Column, Entity},
    },
    errors,
    instances::state_to_column,
    readiness, slos, time,
};

const HOUR_MS: i64 = 3_600_000;

/// How long the catalog keeps what ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// An instance that said it stopped, after its last check-in.
    pub stopped: Duration,
    /// An instance that fell silent, after its last check-in.
    pub silent: Duration,
    /// A line of the audit log.
    pub audit: Duration,
    /// An hour of an SLO's minutes. No window of an SLO is longer.
    pub slo_hours: Duration,
    /// A message that was delivered.
    pub delivered: Duration,
    /// An alert that is over, and all that was told of it.
    pub resolved: Duration,
    /// What changed in verdicts and levels.
    pub readiness: Duration,
    /// A deploy, after it began, and a shutdown. The latest deploy of each environment stays.
    pub deploys: Duration,
    /// What was asked of an instance.
    pub commands: Duration,
    /// A group of errors, after the latest of them.
    pub errors: Duration,
    /// How many errors of a group there were in an hour.
    pub error_hours: Duration,
    /// That the errors of a request were counted: longer than senders try again.
    pub error_requests: Duration,
}

impl Default for Keep {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        const LONG: Duration = Duration::from_secs(400 * 24 * HOUR);
        Self {
            stopped: Duration::from_secs(HOUR),
            silent: Duration::from_secs(24 * HOUR),
            audit: LONG,
            slo_hours: LONG,
            delivered: Duration::from_secs(30 * 24 * HOUR),
            resolved: LONG,
            readiness: LONG,
            deploys: LONG,
            commands: Duration::from_secs(30 * 24 * HOUR),
            errors: Duration::from_secs(90 * 24 * HOUR),
            error_hours: Duration::from_secs(31 * 24 * HOUR),
            error_requests: Duration::from_secs(6 * HOUR),
        }
    }
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Instances.
    pub instances: u64,
    /// Sessions.
    pub sessions: u64,
    /// Lines of the audit log.
    pub audit: u64,
    /// Hours of SLOs.
    pub slo_hours: u64,
    /// Messages.
    pub delivered: u64,
    /// Alerts.
    pub resolved: u64,
    /// Changes of verdicts and of levels.
    pub readiness: u64,
    /// Deploys.
    pub deploys: u64,
    /// Shutdowns.
    pub shutdowns: u64,
    /// What was asked of instances.
    pub commands: u64,
    /// Groups of errors.
    pub errors: u64,
    /// Hours of groups of errors.
    pub error_hours: u64,
    /// Requests whose errors were counted.
    pub error_requests: u64,
}

impl Catalog {
    /// Forgets instances that are gone for longer than `keep` says, whose builds stay, sessions that have ended, old lines
    /// of the audit log, old hours of SLOs, messages that were delivered long ago, alerts that are long over, old changes
    /// of verdicts and levels, old deploys and shutdowns, what was asked of instances long ago, and errors that came no more.
    pub async fn prune(&self, now: Timestamp, keep: Keep) -> Result<Pruned, CatalogError> {
        let silent_since = time::from_column(time::to_column(now) - milliseconds(keep.silent));
        self.note_lost_instances(silent_since, now).await?;
        let now = time::to_column(now);
        let stopped = Column::State
            .eq(state_to_column(InstanceState::Stopped))
            .and(Column::LastSeenAt.lt(now - milliseconds(keep.stopped)));
        let silent = Column::LastSeenAt.lt(now - milliseconds(keep.silent));
        let instances = Entity::delete_many().filter(stopped.or(silent)).exec(&self.db).await?.rows_affected;
        let sessions = accounts::prune_sessions(&self.db, now).await?;
        let old = audit::Column::At.lt(now - milliseconds(keep.audit));
        let audit = audit::Entity::delete_many().filter(old).exec(&self.db).await?.rows_affected;
        let first_hour = (now - milliseconds(keep.slo_hours)).div_euclid(HOUR_MS);
        let slo_hours = slos::prune_hours(&self.db, first_hour).await?;
        let delivered = alerts::prune_delivered(&self.db, now - milliseconds(keep.delivered)).await?;
        let resolved = alerts::prune_resolved(&self.db, now - milliseconds(keep.resolved)).await?;
        let readiness = readiness::prune(&self.db, now - milliseconds(keep.readiness)).await?;
        let deploys = deploys::prune_deploys(&self.db, now - milliseconds(keep.deploys)).await?;
        let shutdowns = deploys::prune_shutdowns(&self.db, now - milliseconds(keep.deploys)).await?;
        let commands = commands::prune(&self.db, now - milliseconds(keep.commands)).await?;
        let errors = errors::prune_groups(&self.db, now - milliseconds(keep.errors)).await?;
        let first_hour = (now - milliseconds(keep.error_hours)).div_euclid(HOUR_MS);
        let error_hours = errors::prune_hours(&self.db, first_hour).await?;
        let error_requests =
            errors::prune_requests(&self.db, now - milliseconds(keep.error_requests)).await?;
        Ok(Pruned {
            instances,
            sessions,
            audit,
            slo_hours,
            delivered,
            resolved,
            readiness,
            deploys,
            shutdowns,
            commands,
            errors,
            error_hours,
            error_requests,
        })
    }
}

pub(crate) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
