//! A profile of each kind of every service, of a good day: what one of a bad day is compared with.

use std::time::Duration;

use seaworthy_protocol::{Order, ProfileKind};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::account::actor;
use crate::state::App;

/// By then everybody has checked in, and has something to do.
const CUSTOMERS_FIRST: Duration = Duration::from_secs(15);
/// Of the CPU.
const SECONDS: u32 = 10;

/// Has them taken, unless the shop closes before.
pub(super) async fn take(app: &App, closing: CancellationToken) -> anyhow::Result<()> {
    if closing.run_until_cancelled(sleep(CUSTOMERS_FIRST)).await.is_none() {
        return Ok(());
    }
    for service in ["reception", "barista"] {
        let instances = app.catalog().instances(service).await?;
        let latest = instances.into_iter().map(|instance| instance.check_in).max_by_key(|it| it.sent_at);
        let Some(latest) = latest else { continue };
        for kind in latest.observations.profiles.unwrap_or_default() {
            let seconds = if kind == ProfileKind::Cpu { SECONDS } else { 0 };
            let order = Order::Capture { kind, seconds };
            app.catalog().ask(service, &latest.instance, &order, &actor(), app.clock().now()).await?;
        }
    }
    Ok(())
}
