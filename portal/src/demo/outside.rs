//! Where the shop's customers come in, for the portal to ask there whether it answers.

use seaworthy_catalog::ServiceSettings;

use super::account::actor;
use crate::state::App;

/// Tells the portal the reception's URL; of a folder that was used before, the one of today.
pub(super) async fn tell(app: &App, reception: &str) -> anyhow::Result<()> {
    const RECEPTION: &str = "reception";
    let stored = app.catalog().service_settings(RECEPTION).await?;
    let (version, kept) = stored.map_or((0, ServiceSettings::default()), |it| (it.version, it.settings));
    let settings = ServiceSettings { url: Some(format!("{reception}/menu")), ..kept.clone() };
    if settings != kept {
        let now = app.clock().now();
        app.catalog().set_service_settings(RECEPTION, version, &settings, &actor(), now).await?;
    }
    Ok(())
}
