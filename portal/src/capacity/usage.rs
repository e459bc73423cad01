//! What instances use of their limits now, as they say themselves.

use seaworthy_catalog::Instance;
use seaworthy_protocol::Figures;

use super::Resource;

/// How much of a resource an instance uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Use<'i> {
    /// `service.instance.id`.
    pub(crate) instance: &'i str,
    /// In use: cores over the time since the check-in before, or bytes.
    pub(crate) used: f64,
    /// What it may use; above 0.
    pub(crate) limit: f64,
}

impl<'i> Use<'i> {
    /// None where the instance does not tell both use and limit.
    pub(crate) fn of(resource: Resource, instance: &'i Instance) -> Option<Self> {
        let Figures { cpu_cores, cpu_limit_cores, memory_bytes, memory_limit_bytes, .. } =
            instance.check_in.figures;
        let (used, limit) = match resource {
            Resource::Cpu => (cpu_cores?, cpu_limit_cores?),
            Resource::Memory => (memory_bytes? as f64, memory_limit_bytes? as f64),
        };
        let known = used.is_finite() && limit.is_finite() && limit > 0.0;
        known.then_some(Self { instance: &instance.check_in.instance, used, limit })
    }

    /// The share of the limit.
    pub(crate) fn share(&self) -> f64 {
        self.used / self.limit
    }
}

/// The largest share first; those that do not tell are left out.
pub(crate) fn fullest<'i>(
    resource: Resource,
    instances: impl IntoIterator<Item = &'i Instance>,
) -> Vec<Use<'i>> {
    let mut uses: Vec<Use<'i>> =
        instances.into_iter().filter_map(|instance| Use::of(resource, instance)).collect();
    uses.sort_by(|a, b| b.share().total_cmp(&a.share()));
    uses
}
