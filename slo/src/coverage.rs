//! How much is known.

use crate::hour::Why;

/// How many minutes of a range are known, and why the others are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Something happened.
    pub busy: u64,
    /// The service told of itself, and nothing happened: no traffic.
    pub quiet: u64,
    /// A process was there, or may have been, and nothing came from its agent.
    pub agent_lost: u64,
    /// No process ran.
    pub down: u64,
    /// Nothing is known.
    pub unknown: u64,
    /// Do not count.
    pub excluded: u64,
}

impl Coverage {
    pub(crate) fn add(&mut self, why: Why) {
        self.busy += u64::from(why.busy);
        self.quiet += u64::from(why.quiet);
        self.agent_lost += u64::from(why.agent_lost);
        self.down += u64::from(why.down);
    }

    /// Minutes of which the service told.
    pub fn told(&self) -> u64 {
        self.busy + self.quiet
    }

    /// The share of the minutes that count of which the service told; none where none counts.
    pub fn share(&self) -> Option<f64> {
        let all = self.told() + self.agent_lost + self.down + self.unknown;
        (all > 0).then(|| self.told() as f64 / all as f64)
    }
}
