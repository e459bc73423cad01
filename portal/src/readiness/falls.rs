//! Who has fallen from a level, for alerts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::CatalogError;
use seaworthy_checklist::Level;

use super::glance::Glance;
use crate::state::App;

/// A service that has fallen from a level and not reached it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fallen {
    /// The template by which it fell, and its version.
    pub(crate) template: (String, String),
    /// The level that it had.
    pub(crate) from: Level,
    /// The level that it has; none below the lowest.
    pub(crate) to: Option<Level>,
    /// Since when.
    pub(crate) since: Timestamp,
    /// Items that keep it from the level that it had.
    pub(crate) because: Vec<String>,
}

/// How every service that is judged stands, as far as alerts go: the deepest of its falls, or that there is none.
pub(crate) async fn fallen(app: &App) -> Result<BTreeMap<String, Option<Fallen>>, CatalogError> {
    let mut services: BTreeMap<String, Option<Fallen>> = BTreeMap::new();
    for summary in app.catalog().assessment_summaries(None).await? {
        let glance = Glance::kept(&summary.points);
        let known = services.entry(summary.service).or_default();
        let to = summary.level.as_deref().and_then(Level::named);
        let fallen = glance.fell.map(|fall| Fallen {
            template: (summary.template, summary.template_version),
            from: fall.from,
            to,
            since: fall.at,
            because: fall.because,
        });
        let deeper = |fallen: &Fallen| known.as_ref().is_none_or(|known| fallen.to < known.to);
        if let Some(fallen) = fallen.filter(deeper) {
            *known = Some(fallen);
        }
    }
    Ok(services)
}
