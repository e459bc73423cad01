//! Forgets what has run out.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter};
use seaworthy_protocol::InstanceState;

use crate::{
    Catalog, CatalogError,
    entity::instance::{Column, Entity},
    instances::state_to_column,
    time,
};

/// How long the catalog keeps what ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// An instance that said it stopped, after its last check-in.
    pub stopped: Duration,
    /// An instance that fell silent, after its last check-in.
    pub silent: Duration,
}

impl Default for Keep {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self { stopped: Duration::from_secs(HOUR), silent: Duration::from_secs(24 * HOUR) }
    }
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Instances.
    pub instances: u64,
}

impl Catalog {
    /// Forgets instances that are gone for longer than `keep` says. Their builds stay.
    pub async fn prune(&self, now: Timestamp, keep: Keep) -> Result<Pruned, CatalogError> {
        let now = time::to_column(now);
        let stopped = Column::State
            .eq(state_to_column(InstanceState::Stopped))
            .and(Column::LastSeenAt.lt(now - milliseconds(keep.stopped)));
        let silent = Column::LastSeenAt.lt(now - milliseconds(keep.silent));
        let instances = Entity::delete_many().filter(stopped.or(silent)).exec(&self.db).await?.rows_affected;
        Ok(Pruned { instances })
    }
}

pub(crate) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
