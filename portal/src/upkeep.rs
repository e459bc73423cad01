//! What the portal does by itself while it runs: it forgets what has run out.

use std::time::Duration;

use seaworthy_catalog::Keep;
use tokio::time::{MissedTickBehavior, interval};

use crate::state::App;

const EVERY: Duration = Duration::from_secs(60);

/// Keeps up until it is dropped. A round that fails is logged, and the next one tries again.
pub(crate) async fn keep_up(app: App) {
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        round(&app).await;
    }
}

async fn round(app: &App) {
    let now = app.clock().now();
    match app.catalog().prune(now, Keep::default()).await {
        Ok(pruned) => tracing::debug!(?pruned, "catalog pruned"),
        Err(error) => tracing::warn!(%error, "the catalog was not pruned"),
    }
    if let Err(error) = app.telemetry().retain(now, app.settings().retention_days).await {
        tracing::warn!(%error, "old telemetry was not deleted");
    }
}
