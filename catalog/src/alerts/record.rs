//! Changes of alerts, each with what is to be told of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait,
    QueryFilter, QuerySelect, Set,
    sea_query::{Expr, LockType, OnConflict},
};

use super::{
    alert::{Alert, AlertOrigin, AlertState, AlertStatus},
    outbox,
};
use crate::{
    Actor, Catalog, CatalogError, Lease, accounts,
    entity::{
        alert::{ActiveModel, Column, Entity},
        channel,
    },
    leases, text, time,
};

/// Which alert changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhichAlert {
    /// One that begins.
    New(AlertOrigin),
    /// One that is there.
    Known {
        /// Its id.
        id: i64,
        /// Its version that the caller saw.
        version: i64,
    },
}

/// A change of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertChange {
    /// Which.
    pub alert: WhichAlert,
    /// How it stands now.
    pub status: AlertStatus,
    /// What is to be told of it: by the id of the channel, JSON of at most 64 KiB. What is for channels that are gone is
    /// passed over.
    pub messages: BTreeMap<i64, String>,
}

/// A change that was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedAlert {
    /// The alert.
    pub id: i64,
    /// Its version now.
    pub version: i64,
}

impl Catalog {
    /// Records changes of alerts, and puts what is to be told of them into the outbox: all of it or nothing.
    ///
    /// Returns what became of each change. None where it was passed over, because somebody else has changed the alert
    /// since it was read, or it is over, or a new one is not the only one of its key: what the caller knows of it is out
    /// of date. Refused with [`CatalogError::LeaseLost`] when another portal has taken over.
    pub async fn record_alerts(
        &self,
        lease: &Lease,
        changes: &[AlertChange],
        now: Timestamp,
    ) -> Result<Vec<Option<RecordedAlert>>, CatalogError> {
        let transaction = self.begin().await?;
        leases::hold(&transaction, lease).await?;
        let channels = channels(&transaction, changes).await?;
        let mut recorded = Vec::with_capacity(changes.len());
        let mut messages = Vec::new();
        for change in changes {
            let outcome = record(&transaction, change).await?;
            if let Some(alert) = outcome {
                let known = change.messages.iter().filter(|(channel, _)| channels.contains(channel));
                for (channel, payload) in known {
                    messages.push(outbox::row(alert, *channel, payload, time::to_column(now))?);
                }
            }
            recorded.push(outcome);
        }
        outbox::put(&transaction, &messages).await?;
        transaction.commit().await?;
        Ok(recorded)
    }

    /// Notes that somebody sees to an alert. One that has been acknowledged stays with whom it is.
    ///
    /// Refused when it has not fired, or is over.
    pub async fn acknowledge_alert(
        &self,
        id: i64,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Alert, CatalogError> {
        let transaction = self.begin().await?;
        let row = Entity::find_by_id(id).lock_exclusive().one(&transaction).await?;
        let alert: Alert = row.ok_or(CatalogError::NotFound("alert"))?.try_into()?;
        match alert.status.state {
            AlertState::Acknowledged => return Ok(alert),
            AlertState::Firing | AlertState::Silenced => {}
            AlertState::Pending | AlertState::Resolved => {
                let rule = "does not fire, or not any more: there is nothing to acknowledge";
                return Err(CatalogError::Refused { field: "alert", rule });
            }
        }
        let changed = ActiveModel {
            id: Set(id),
            state: Set(AlertState::Acknowledged.as_str().to_owned()),
            acknowledged_by: Set(Some(text::detail(&actor.login))),
            acknowledged_at: Set(Some(time::to_column(now))),
            version: Set(alert.version + 1),
            ..Default::default()
        };
        let acknowledged = changed.update(&transaction).await?;
        accounts::note(&transaction, actor, "acknowledged an alert", &alert.origin.key, now).await?;
        transaction.commit().await?;
        acknowledged.try_into()
    }
}

/// Those of the channels that exist, which nobody can delete until the transaction ends.
async fn channels(
    transaction: &DatabaseTransaction,
    changes: &[AlertChange],
) -> Result<BTreeSet<i64>, DbErr> {
    let wanted: BTreeSet<i64> = changes.iter().flat_map(|change| change.messages.keys().copied()).collect();
    let found: Vec<i64> = channel::Entity::find()
        .select_only()
        .column(channel::Column::Id)
        .filter(channel::Column::Id.is_in(wanted))
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(found.into_iter().collect())
}

async fn record(
    transaction: &DatabaseTransaction,
    change: &AlertChange,
) -> Result<Option<RecordedAlert>, CatalogError> {
    let status = columns(&change.status)?;
    match &change.alert {
        WhichAlert::New(origin) => insert(transaction, origin, status).await,
        WhichAlert::Known { id, version } => Ok(update(transaction, *id, *version, status).await?),
    }
}

async fn insert(
    db: &impl ConnectionTrait,
    origin: &AlertOrigin,
    status: ActiveModel,
) -> Result<Option<RecordedAlert>, CatalogError> {
    let slo = origin.slo.as_deref().map(|slo| text::name("SLO", slo)).transpose()?;
    let row = ActiveModel {
        key: Set(text::name("key", &origin.key)?.to_owned()),
        slo: Set(slo.map(str::to_owned)),
        service: Set(text::name("service", &origin.service)?.to_owned()),
        started_at: Set(time::to_column(origin.started_at)),
        version: Set(1),
        ..status
    };
    let not_over = OnConflict::column(Column::Key)
        .target_and_where(Expr::col(Column::ResolvedAt).is_null())
        .do_nothing()
        .to_owned();
    match Entity::insert(row).on_conflict(not_over).exec(db).await {
        Ok(inserted) => Ok(Some(RecordedAlert { id: inserted.last_insert_id, version: 1 })),
        Err(DbErr::RecordNotInserted) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn update(
    db: &impl ConnectionTrait,
    id: i64,
    version: i64,
    status: ActiveModel,
) -> Result<Option<RecordedAlert>, DbErr> {
    let version_now = version + 1;
    let changed = Entity::update_many()
        .set(ActiveModel { version: Set(version_now), ..status })
        .filter(Column::Id.eq(id))
        .filter(Column::Version.eq(version))
        .filter(Column::ResolvedAt.is_null())
        .exec(db)
        .await?;
    Ok((changed.rows_affected > 0).then_some(RecordedAlert { id, version: version_now }))
}

/// The columns that change, checked.
fn columns(status: &AlertStatus) -> Result<ActiveModel, CatalogError> {
    if status.resolved_at.is_some() != (status.state == AlertState::Resolved) {
        let rule = "must have been resolved at some time if it is resolved, and only then";
        return Err(CatalogError::Refused { field: "alert", rule });
    }
    let (by, at) =
        status.acknowledged.as_ref().map(|acknowledged| (&acknowledged.by, acknowledged.at)).unzip();
    Ok(ActiveModel {
        severity: Set(status.severity.as_str().to_owned()),
        state: Set(status.state.as_str().to_owned()),
        fired_at: Set(status.fired_at.map(time::to_column)),
        acknowledged_by: Set(by.map(|by| text::detail(by))),
        acknowledged_at: Set(at.map(time::to_column)),
        resolved_at: Set(status.resolved_at.map(time::to_column)),
        details: Set(text::document("details", &status.details)?.to_owned()),
        ..Default::default()
    })
}
