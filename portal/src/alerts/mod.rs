//! Alerts: what is told of them, and to whom.
//!
//! A [`Notice`] waits in the catalog's outbox, written together with the change of the alert that it tells of.
//! [`channel`] says which channels it is for.

pub mod channel;
mod hidden;
mod notice;

pub use channel::{ChannelSettings, Target, audience};
pub use hidden::Hidden;
pub use notice::{Event, Notice, NoticeLink};
