//! What the portal does by itself while it runs: it notes which instances are lost, and forgets what has run out.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::Keep;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    listening::{Listener, Listening},
    state::App,
    view::{health::LOST_AFTER_SECONDS, profiles::schedule},
};

const EVERY: Duration = Duration::from_secs(60);

/// Keeps up until it is dropped. A round that fails is logged, and the next one tries again.
pub(crate) async fn keep_up(app: App) {
    let mut listener = Listener::default();
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        round(&app, listener.round(app.clock().now())).await;
    }
}

async fn round(app: &App, listening: Listening) {
    let now = listening.now;
    if let Err(error) = app.catalog().note_lost_instances(silent_since(listening), now).await {
        tracing::warn!(%error, "lost instances were not noted");
    }
    if let Err(error) = schedule::take(app, now).await {
        tracing::warn!(error = error.detail(), "scheduled profiles were not asked for");
    }
    match app.catalog().prune(now, Keep::default()).await {
        Ok(pruned) => tracing::debug!(?pruned, "catalog pruned"),
        Err(error) => tracing::warn!(%error, "the catalog was not pruned"),
    }
    if let Err(error) = app.telemetry().retain(now, app.settings().retention_days).await {
        tracing::warn!(%error, "old telemetry was not deleted");
    }
}

/// Who was last heard of before that is lost: nobody, where the portal itself was not there to hear.
fn silent_since(listening: Listening) -> Timestamp {
    let lost_after = SignedDuration::from_secs(LOST_AFTER_SECONDS.cast_signed());
    if listening.long_enough() { listening.now - lost_after } else { Timestamp::UNIX_EPOCH }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_lost_to_a_portal_that_has_just_begun() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let since = |seconds| Listening { now, since: now - SignedDuration::from_secs(seconds) };
        assert_eq!(silent_since(since(60)), Timestamp::UNIX_EPOCH);
        assert_eq!(silent_since(since(120)), now - SignedDuration::from_secs(16));
    }
}
