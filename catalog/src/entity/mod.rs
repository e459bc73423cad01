//! The tables, as sea-orm sees them. Nothing outside this crate knows them.

pub(crate) mod alert;
pub(crate) mod assessment;
pub(crate) mod audit;
pub(crate) mod build;
pub(crate) mod channel;
pub(crate) mod exclusion;
pub(crate) mod instance;
pub(crate) mod invitation;
pub(crate) mod key;
pub(crate) mod lease;
pub(crate) mod level_point;
pub(crate) mod outbox;
pub(crate) mod record;
pub(crate) mod record_version;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod silence;
pub(crate) mod slo;
pub(crate) mod slo_evaluation;
pub(crate) mod slo_hour;
pub(crate) mod team;
pub(crate) mod template;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod verdict_change;
