//! What only one of several portals on a catalog does at a time.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::Lease;

use crate::state::App;

/// How long a lease lasts that is not prolonged. A portal that stands still for longer is not waited for.
pub(crate) const LASTS: SignedDuration = SignedDuration::from_secs(150);

/// A part of the work, which whoever holds its lease does.
#[derive(Debug)]
pub(crate) struct Lead {
    /// The lease's name in the catalog.
    name: &'static str,
    /// Who this portal is to others; chosen when it is needed first.
    holder: Option<String>,
    lease: Option<Lease>,
}

impl Lead {
    /// The work of this name, which nobody does yet.
    pub(crate) const fn of(name: &'static str) -> Self {
        Self { name, holder: None, lease: None }
    }

    /// Takes the lease, or prolongs it; none while another portal has it.
    pub(crate) async fn take(&mut self, app: &App, now: Timestamp) -> anyhow::Result<Option<Lease>> {
        let holder = match &self.holder {
            Some(holder) => holder.clone(),
            None => self.holder.insert(holder()?).clone(),
        };
        self.lease = app.catalog().take_lease(self.name, &holder, now + LASTS, now).await?;
        Ok(self.lease.clone())
    }

    /// Lets another portal go on at once.
    pub(crate) async fn leave(&mut self, app: &App) {
        if let Some(lease) = self.lease.take()
            && let Err(error) = app.catalog().release_lease(lease).await
        {
            tracing::warn!(%error, "the lease of {} runs out by itself", self.name);
        }
    }
}

/// A name that no other process has, nor this one after it was started again.
fn holder() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    Ok(hex::encode(bytes))
}
