//! One alert: what it says, where to look, and what was told of it.

use std::collections::HashMap;

use jiff::Timestamp;
use seaworthy_catalog::OutboxMessage;
use seaworthy_records::Context;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    AlertLine,
    burn_rates::{self, BurnRates},
    silences::SilenceView,
};
use crate::{
    alerts::{Clues, Details, Event, Notice},
    problem::Problem,
    state::App,
    view::{
        incidents,
        runbooks::{
            self,
            run::{self, RunLine},
        },
    },
};

/// An alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AlertView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub(crate) line: AlertLine,
    /// Why it is over, in a sentence; empty while it is not.
    pub(crate) over: String,
    /// What to do: a URL, or a path of the portal.
    pub(crate) runbook: Option<String>,
    /// The runbook here that this leads to; none where it leads elsewhere, or nowhere any more.
    pub(crate) runbook_here: Option<i64>,
    /// The latest incident that was opened from it.
    pub(crate) incident: Option<i64>,
    /// Runs of runbooks for it, latest first.
    pub(crate) runs: Vec<RunLine>,
    /// Example traces, and the deploy before it.
    pub(crate) clues: Clues,
    /// How fast the budget burned around it; none where it is about no SLO that is there.
    pub(crate) burn_rates: Option<BurnRates>,
    /// What was told and what is to be told, in order.
    pub(crate) told: Vec<ToldView>,
    /// The silence that covers it now.
    pub(crate) silence: Option<SilenceView>,
}

/// Something told of an alert in a channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ToldView {
    /// `fired` or `resolved`.
    pub(crate) event: String,
    /// The channel.
    pub(crate) channel: String,
    /// When it was to be told.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When it was told; none while it waits and where it was given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) delivered_at: Option<Timestamp>,
    /// When it was given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) dead_at: Option<Timestamp>,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// Why the latest attempt that failed did.
    pub(crate) last_error: Option<String>,
}

/// Loads an alert.
pub(crate) async fn load(app: &App, id: i64) -> Result<AlertView, Problem> {
    let (catalog, now) = (app.catalog(), app.clock().now());
    let alert = catalog.alert(id).await?.ok_or_else(|| {
        Problem::not_found(format!("There is no alert {id}"), "The page Alerts lists those that are kept.")
    })?;
    let details = Details::of(&alert);
    let channels = catalog.channels().await?;
    let channels: HashMap<i64, String> =
        channels.into_iter().map(|channel| (channel.id, channel.name)).collect();
    let messages = catalog.alert_messages(id).await?;
    let covers = |silence: &SilenceView| {
        silence.is_now && silence.covers(&alert.origin.service, alert.origin.slo.as_deref())
    };
    let silences = catalog.silences(now).await?;
    let silence = silences.iter().map(|silence| SilenceView::of(silence, now)).find(covers);
    Ok(AlertView {
        as_of: now,
        line: AlertLine::of(&alert),
        over: details.over,
        runbook_here: match details.runbook.as_deref() {
            Some(address) => runbooks::here(app, address).await?,
            None => None,
        },
        runbook: details.runbook,
        incident: incidents::of_alert(app, id).await?,
        runs: run::of_context(app, &Context::Alert { id }).await?,
        clues: details.clues,
        burn_rates: burn_rates::load(app, &alert, now).await?,
        told: messages.iter().map(|message| ToldView::of(message, &channels)).collect(),
        silence: silence.filter(|_| alert.status.resolved_at.is_none()),
    })
}

impl ToldView {
    fn of(message: &OutboxMessage, channels: &HashMap<i64, String>) -> Self {
        let event = Notice::from_payload(&message.payload).map_or("told", |notice| match notice.event {
            Event::Fired => "fired",
            Event::Resolved => "resolved",
        });
        Self {
            event: event.to_owned(),
            channel: channels.get(&message.channel_id).cloned().unwrap_or_default(),
            created_at: message.created_at,
            delivered_at: message.delivered_at,
            dead_at: message.dead_at,
            attempts: message.attempts,
            last_error: message.last_error.clone(),
        }
    }
}
