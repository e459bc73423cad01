//! Accounts: people, their sessions, the tokens of programs, and the audit log of all that is done to them.
//!
//! Nothing that opens a door is stored: of passwords there is an argon2id hash, of cookies, tokens and links a SHA-256.

mod audit;
mod invitations;
mod password;
mod people;
mod role;
mod secret;
mod sessions;
mod tokens;

pub use audit::{Actor, AuditEntry};
pub use invitations::Invitation;
pub use password::Passwords;
pub use people::{Credentials, Person};
pub use role::{Role, Scope, Scopes};
pub use secret::Secret;
pub use sessions::{Session, SessionTerms};
pub use tokens::Token;

pub(crate) use audit::{note, of_subject};
pub(crate) use people::active_login;
pub(crate) use sessions::prune as prune_sessions;
