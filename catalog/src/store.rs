//! The catalog itself: its connection and its transactions.

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use crate::{CatalogError, OpenError, open, services::SeenServices};

/// What people enter and what must never be lost. Cheap to share by reference; all methods may run at once.
#[derive(Debug)]
pub struct Catalog {
    pub(crate) db: DatabaseConnection,
    pub(crate) seen: SeenServices,
}

impl Catalog {
    /// Opens the catalog, creating it and bringing it up to date as needed.
    ///
    /// `url` is `sqlite://` and a path (`sqlite://data/catalog.db`, absolute with a third slash), or
    /// `postgres://user:password@host/database`. The folder or the database must exist.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Ok(Self { db: open::open(url).await?, seen: SeenServices::default() })
    }

    /// Answers whether the database does.
    pub async fn ping(&self) -> Result<(), CatalogError> {
        Ok(self.db.ping().await?)
    }

    /// Waits for what runs, and lets go of the database. Later calls fail.
    pub async fn close(&self) {
        if let Err(error) = self.db.close_by_ref().await {
            tracing::warn!(%error, "the catalog did not close well");
        }
    }

    /// Begins a transaction that may write. On SQLite it waits for other writers here, at its beginning: one that
    /// first reads and then writes would be refused at once where another has written in between.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        begin(&self.db).await
    }
}

pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let immediate = match db.get_database_backend() {
        DbBackend::Sqlite => Some(SqliteTransactionMode::Immediate),
        _ => None,
    };
    db.begin_with_options(TransactionOptions { sqlite_transaction_mode: immediate, ..Default::default() })
        .await
}
