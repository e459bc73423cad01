//! What can go wrong with the catalog.

use jiff::Timestamp;
use sea_orm::{DbErr, SqlErr};

/// Why the catalog did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// An input breaks a rule; the message names both.
    #[error("{field} {rule}")]
    Refused {
        /// Which input: `service`.
        field: &'static str,
        /// What it must be: `must be 1 to 255 bytes long`.
        rule: &'static str,
    },
    /// Somebody else signs in by this name.
    #[error("somebody signs in as {0} already; choose another name")]
    LoginTaken(String),
    /// Another has this name.
    #[error("the {what} {name} exists already; choose another name, or change that one")]
    Taken {
        /// What kind of thing: `SLO`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Somebody else changed it while the caller was changing it. What it says now is to be had from the catalog, and what
    /// the caller wanted to say is with the caller: neither is lost.
    #[error(
        "{by} changed the {what} {name} at {at}, after you had opened it; see what it says now, and save your changes again"
    )]
    Changed {
        /// What kind of thing: `SLO`.
        what: &'static str,
        /// Its name.
        name: String,
        /// How who changed it signs in.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Another portal does it now.
    #[error("another portal has taken over the {0}; this one must stop until it gets the lease again")]
    LeaseLost(String),
    /// Nobody could manage accounts any more.
    #[error("this is the last admin who can sign in; make somebody else an admin first")]
    LastAdmin,
    /// The first admin exists.
    #[error("this portal has been set up already; sign in, or ask an admin to invite you")]
    AlreadySetUp,
    /// Who asks for a waiver does not approve it.
    #[error("who asked for the waiver cannot approve it; ask somebody else to")]
    OwnWaiver,
    /// It is gone, or never was.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// The system gives no randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The database failed or could not be reached.
    #[error("the catalog could not be used: {0}")]
    Database(#[from] DbErr),
    /// A stored value is not one that this version writes.
    #[error("the catalog holds {what} that this version cannot read: {value}")]
    Unreadable {
        /// What kind of value: `a role`.
        what: &'static str,
        /// The value.
        value: String,
    },
}

/// What a refused name means to people.
pub(crate) fn or_taken(error: DbErr, what: &'static str, name: &str) -> CatalogError {
    if is_taken(&error) { CatalogError::Taken { what, name: name.to_owned() } } else { error.into() }
}

/// Whether what must be unique is there already.
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Why the catalog could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database that the catalog can live in. The URL itself may hold a password and is not repeated.
    #[error(
        "the catalog's URL must start with sqlite:// or postgres://, as in postgres://user:password@host/database"
    )]
    Url,
    /// The database cannot be reached, or its file not be made.
    #[error("could not open the catalog in {place}: {cause}")]
    Connect {
        /// File, or host and database.
        place: String,
        /// What the driver said.
        cause: DbErr,
    },
    /// A later version of Seaworthy has used it.
    #[error(
        "the catalog in {place} was changed by a newer version of Seaworthy ({migration}); run that version, or restore a backup"
    )]
    Newer {
        /// File, or host and database.
        place: String,
        /// A migration that this version does not know.
        migration: String,
    },
    /// It could not be brought to this version's form, and was left as it was.
    #[error("could not bring the catalog in {place} up to date: {cause}")]
    Migrate {
        /// File, or host and database.
        place: String,
        /// What the driver said.
        cause: DbErr,
    },
}
