//! Readiness: what is known of each service, and how it stands by the checklist.
//!
//! `assessor` goes through all services every minute: it reads what is known, `facts` puts it into the words of rules,
//! `people` what was answered and waived, `judge` says how each service stands, and what that changes is recorded. What
//! only telemetry can tell is `observed` every few minutes.

mod assessor;
mod facts;
mod falls;
mod glance;
mod judge;
mod kept;
mod known;
mod log_lines;
mod observed;
mod people;
pub(crate) mod preview;
mod recorded;
mod templates;
mod work_counts;

use std::time::Duration;

use jiff::Timestamp;
use seaworthy_catalog::LevelPoint;
use seaworthy_checklist::Templates;
use tokio::time::{MissedTickBehavior, interval};

use crate::state::App;

pub(crate) use assessor::Assessor;
pub(crate) use falls::{Fallen, fallen};
pub(crate) use glance::{Fall, Glance, PointGlance, Tally};
pub(crate) use work_counts::WorkCounts;

const EVERY: Duration = Duration::from_secs(60);

/// The templates in use.
pub(crate) async fn templates(app: &App) -> anyhow::Result<Templates> {
    Ok(templates::Read::default().in_use(app).await?.templates)
}

/// Since when the latest level has been held, by the points of its history, earliest first.
pub(crate) fn level_since(history: &[LevelPoint]) -> Option<Timestamp> {
    let latest = &history.last()?.level;
    history.iter().rev().take_while(|point| point.level == *latest).last().map(|point| point.at)
}

/// Assesses until it is dropped. A round that fails is logged, and the next one begins anew.
pub(crate) async fn keep_assessing(app: App) {
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = app.assessor().await.round(&app).await {
            tracing::warn!(error = format!("{error:#}"), "readiness was not assessed");
        }
    }
}

/// Assesses one service at once, so that a page shows what somebody's answer changes. False where another portal does
/// so: it will within a minute.
///
/// # Errors
/// When a store does not answer.
pub async fn assess_now(app: &App, service: &str) -> anyhow::Result<bool> {
    app.assessor().await.one(app, service).await
}
