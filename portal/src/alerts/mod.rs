//! Alerts: when they fire, what is told of them, and to whom.
//!
//! `engine` looks at every rule of `rules` in each round of the evaluator; `machine` says where an alert goes from
//! where it is. A [`Notice`] waits in the catalog's outbox, written together with the change of the alert that it tells of.
//! [`channel`] says which channels it is for, `deliver` brings it there through `outgoing`, and whoever gets it may
//! `acknowledge` the alert by a signed link.

pub(crate) mod acknowledge;
pub mod channel;
mod clues;
pub(crate) mod deliver;
mod details;
mod engine;
mod hidden;
mod machine;
mod notice;
mod notices;
pub(crate) mod outgoing;
mod rules;
mod usual;

pub use channel::{ChannelSettings, Target, audience};
pub(crate) use details::{Clues, Details};
pub(crate) use engine::{Engine, Seen, severity};
pub use hidden::Hidden;
pub use notice::{Event, Notice, NoticeLink};
pub(crate) use notices::traces;
pub use outgoing::{AddressGuard, MailSettings, MailSettingsError, OutgoingSettings, RefusedAddress};
pub(crate) use rules::{Measured, Watched, capacity, readiness::is_of_readiness};
