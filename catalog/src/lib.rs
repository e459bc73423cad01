//! The catalog of the Seaworthy portal: accounts, services, instances and what people enter.
//!
//! [`Catalog`] is the seam: whoever asks gets plain structs and never sees a query. It lives in a SQLite file or in a
//! PostgreSQL database, and does the same on both. A write that has returned survives `kill -9` and a power cut.
//! Times are passed in; the catalog keeps them to the millisecond.

mod accounts;
mod alerts;
mod apply;
mod builds;
mod channel_tests;
mod channels;
mod check_in;
mod commands;
mod deploys;
mod entity;
mod error;
mod errors;
mod exclusions;
mod instances;
mod keys;
mod leases;
mod now;
mod open;
mod profile_schedules;
mod prune;
mod readiness;
mod records;
mod services;
mod slos;
mod store;
mod text;
mod time;
mod uptime;

pub use accounts::{
    Actor, AuditEntry, Credentials, Invitation, Passwords, Person, Role, Scope, Scopes, Secret, Session,
    SessionTerms, Token,
};
pub use alerts::{
    Acknowledgement, AfterFailure, Alert, AlertChange, AlertFilter, AlertOrigin, AlertState, AlertStatus,
    ChannelStanding, DeadLetter, OutboxMessage, RecordedAlert, Severity, Silence, SilenceDefinition,
    WhichAlert,
};
pub use apply::{Change, FromFile};
pub use builds::SeenBuild;
pub use channel_tests::ChannelTest;
pub use channels::{Channel, ChannelDefinition, ChannelKind};
pub use check_in::Recorded;
pub use commands::{CommandState, StoredCommand};
pub use deploys::{Declaration, DeclaredDeploy, Deploy, DeployKind, DeployedBuild, Shutdown};
pub use error::{CatalogError, OpenError};
pub use errors::{
    ErrorBuild, ErrorFilter, ErrorGroup, ErrorHour, ErrorState, Regression, ResolvedIn, SeenErrors,
};
pub use exclusions::{Exclusion, ExclusionDefinition, ExclusionKind, Weekly};
pub use instances::Instance;
pub use keys::Key;
pub use leases::Lease;
pub use profile_schedules::{ProfileSchedule, StoredProfileSchedule};
pub use prune::{Keep, Pruned};
pub use readiness::{
    Answer, AnswerDefinition, AnswerKind, Assessed, AssessmentSummary, Assignment, AssignmentDefinition,
    Comment, ItemChange, ItemKey, LevelPoint, PastAnswer, ServiceSettings, StoredAssessment,
    StoredServiceSettings, StoredTemplate, StoredWaiver, TemplateDefinition, VerdictChange, WaiverApproval,
    WaiverDefinition, WaiverEnd,
};
pub use records::{Record, RecordDefinition, RecordFilter, RecordKind, RecordVersion};
pub use services::Service;
pub use slos::{Evaluated, Minutes, SloChange, SloDefinition, SloHour, StoredSlo};
pub use store::Catalog;
pub use uptime::UptimeProbe;
