//! SLOs: how people define them, and their minutes.

mod definitions;
mod minutes;

pub use definitions::{Minutes, SloChange, SloDefinition, StoredSlo};
pub use minutes::{Evaluated, SloHour};

pub(crate) use definitions::apply;
pub(crate) use minutes::prune as prune_hours;
