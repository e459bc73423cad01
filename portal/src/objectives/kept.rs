//! The minutes of an SLO, as the catalog keeps them.

use seaworthy_catalog::{CatalogError, StoredSlo};
use seaworthy_slo::{Budgeting, Ledger, Minute, PackedHour};

use crate::state::App;

/// What is known of an SLO from a minute on, or a little before. Hours that are damaged are left out, and told in the log.
pub(crate) async fn ledger(
    app: &App,
    stored: &StoredSlo,
    budgeting: Budgeting,
    from: Minute,
) -> Result<Ledger, CatalogError> {
    let mut ledger = Ledger::new(budgeting);
    for hour in app.catalog().slo_hours(stored.id, from.0.div_euclid(60)).await? {
        if ledger.load(hour.hour, PackedHour::from_bytes(hour.packed)).is_err() {
            tracing::warn!(slo = stored.name, hour = hour.hour, "an hour of an SLO is damaged and left out");
        }
    }
    Ok(ledger)
}
