//! The minutes of an SLO, as the catalog keeps them.

use seaworthy_catalog::{CatalogError, SloHour, StoredSlo};
use seaworthy_slo::{Budgeting, Ledger, Minute, PackedHour};

use crate::state::App;

/// What is known of an SLO from a minute on, or a little before.
pub(crate) async fn ledger(
    app: &App,
    stored: &StoredSlo,
    budgeting: Budgeting,
    from: Minute,
) -> Result<Ledger, CatalogError> {
    let mut ledger = Ledger::new(budgeting);
    load(&mut ledger, stored.id, app.catalog().slo_hours(stored.id, from.0.div_euclid(60)).await?);
    Ok(ledger)
}

/// Takes hours of an SLO. Those that are damaged are left out, and told in the log.
pub(super) fn load(ledger: &mut Ledger, slo_id: i64, hours: Vec<SloHour>) {
    for hour in hours {
        if ledger.load(hour.hour, PackedHour::from_bytes(hour.packed)).is_err() {
            tracing::warn!(slo_id, hour = hour.hour, "an hour of an SLO is damaged and left out");
        }
    }
}
