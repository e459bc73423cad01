//! A round of alerts: looks at every rule, and records what changes together with what is to be told of it.
//!
//! Nothing is remembered of an alert from one round to the next: what is open is read from the catalog each time. So a
//! change that the catalog passes over, because somebody has changed the alert meanwhile, is decided anew in the next
//! round, and another portal goes on where this one stopped.

mod change;
mod decide;
mod gather;

use std::collections::BTreeMap;

use anyhow::Context;
use jiff::Timestamp;
use seaworthy_catalog::{Alert, Exclusion, Instance, Lease};

use self::{change::change, decide::decide};
use super::{
    rules::Watched,
    usual::{LastMinutes, OtherDays},
};
use crate::{listening::Listener, state::App};

pub(crate) use self::change::severity;

/// What is open, by key.
type Open = BTreeMap<String, Alert>;

/// Looks at every rule, in rounds.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    listener: Listener,
    last_minutes: LastMinutes,
    other_days: OtherDays,
}

/// What a round has seen before it looks at alerts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'e> {
    /// Every SLO.
    pub(crate) watched: &'e [Watched<'e>],
    /// Every instance that is not forgotten.
    pub(crate) instances: &'e [Instance],
    /// What people have planned.
    pub(crate) planned: &'e [Exclusion],
}

impl Engine {
    /// One round, under the evaluator's lease.
    pub(crate) async fn round(
        &mut self,
        app: &App,
        lease: &Lease,
        seen: Seen<'_>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let catalog = app.catalog();
        let open = catalog.open_alerts().await.context("the open alerts")?;
        let open: Open = open.into_iter().map(|alert| (alert.origin.key.clone(), alert)).collect();
        let conditions = self.gather(app, seen, &open, now).await?;
        let silences = catalog.silences(now).await.context("the silences")?;
        let decided = decide(open, conditions, &silences, now);
        if decided.is_empty() {
            return Ok(());
        }
        let channels = catalog.channels().await.context("the channels")?;
        let mut changes = Vec::with_capacity(decided.len());
        for decision in decided {
            changes.push(change(app, decision, &channels, now).await?);
        }
        for (change, recorded) in
            changes.iter().zip(catalog.record_alerts(lease, &changes, now).await.context("the alerts")?)
        {
            if recorded.is_none() {
                tracing::debug!(alert = ?change.alert, "somebody has changed an alert meanwhile");
            }
        }
        Ok(())
    }
}
