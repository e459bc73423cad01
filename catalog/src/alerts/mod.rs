//! Alerts, what is told of them, and when they are silent.

mod alert;
mod outbox;
mod record;
mod silences;
mod standing;

pub use alert::{Acknowledgement, Alert, AlertFilter, AlertOrigin, AlertState, AlertStatus, Severity};
pub use outbox::{AfterFailure, DeadLetter, OutboxMessage};
pub use record::{AlertChange, RecordedAlert, WhichAlert};
pub use silences::{Silence, SilenceDefinition};
pub use standing::ChannelStanding;

pub(crate) use alert::prune as prune_resolved;
pub(crate) use outbox::prune as prune_delivered;
