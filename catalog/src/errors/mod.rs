//! Errors of services, in groups of what is alike: counted as they come, and looked after by people.
//!
//! Occurrences themselves are log records, which are not kept here.

mod act;
mod group;
mod record;
mod request;

pub use act::ResolvedIn;
pub use group::{ErrorBuild, ErrorFilter, ErrorGroup, ErrorHour, ErrorState, Regression};
pub use record::SeenErrors;
pub(crate) use record::{prune_groups, prune_hours};
pub(crate) use request::prune_requests;
