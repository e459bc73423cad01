//! What can go wrong with the catalog.

use sea_orm::DbErr;

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
