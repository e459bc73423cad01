//! Where an instance stands in its life.

use seaworthy_protocol::{DrainReport, InstanceState};

/// The state of the instance, and how its drain went.
#[derive(Debug, Default)]
pub(crate) struct Drain {}

impl Drain {
    /// Where the instance stands; never [`InstanceState::Stopped`], which only the last check-in says.
    pub(crate) fn state(&self) -> InstanceState {
        InstanceState::Running
    }

    /// How the drain went, once it has ended.
    pub(crate) fn report(&self) -> Option<DrainReport> {
        None
    }
}
