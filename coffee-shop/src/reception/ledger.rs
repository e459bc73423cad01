//! The orders, in SQLite.
//!
//! Each statement has a span of its own by OpenTelemetry's conventions for database clients: of kind `client`, named after
//! operation and table, with the text of the query but never its values. `err` marks the span of a failed one as failed.

use std::{path::Path, time::Duration};

use seaworthy_agent::health::HealthCheck;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};
use tracing::instrument;

use crate::{drinks::Drink, faults::FaultSwitch};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY,
    placed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
    drink TEXT NOT NULL,
    cups INTEGER NOT NULL,
    price_cents INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'placed' CHECK (state IN ('placed', 'served', 'failed'))
) STRICT";
const PLACE: &str = "INSERT INTO orders (drink, cups, price_cents) VALUES (?, ?, ?) RETURNING number";
const SETTLE: &str = "UPDATE orders SET state = ? WHERE number = ?";

/// The orders. Clones share the connection.
#[derive(Clone, Debug)]
pub struct Ledger {
    pool: SqlitePool,
    faults: FaultSwitch,
}

impl Ledger {
    /// Opens the database, and makes it if need be.
    pub async fn open(path: &Path, faults: FaultSwitch) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        // One connection: SQLite has one writer at a time, and several that want to write wait for each other by sleeping, up to
        // a second each time.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(2))
            .connect_with(options)
            .await?;
        sqlx::query(TABLE).execute(&pool).await?;
        Ok(Self { pool, faults })
    }

    /// Writes an order down, and returns its number.
    #[instrument(name = "INSERT orders", skip_all, err, fields(
        otel.kind = "client", db.system.name = "sqlite", db.operation.name = "INSERT",
        db.collection.name = "orders", db.query.text = PLACE,
    ))]
    pub async fn place(&self, drink: &Drink, cups: u32) -> Result<i64, sqlx::Error> {
        let query = sqlx::query_scalar(PLACE).bind(drink.name).bind(cups).bind(drink.price_cents * cups);
        query.fetch_one(self.pool()?).await
    }

    /// Notes how an order ended.
    #[instrument(name = "UPDATE orders", skip_all, err, fields(
        otel.kind = "client", db.system.name = "sqlite", db.operation.name = "UPDATE",
        db.collection.name = "orders", db.query.text = SETTLE,
    ))]
    pub async fn settle(&self, number: i64, served: bool) -> Result<(), sqlx::Error> {
        let state = if served { "served" } else { "failed" };
        sqlx::query(SETTLE).bind(state).bind(number).execute(self.pool()?).await?;
        Ok(())
    }

    /// Whether the database answers. Critical: without it no order can be taken.
    pub fn health_check(&self) -> HealthCheck {
        let ledger = self.clone();
        let check = move || {
            let ledger = ledger.clone();
            async move { ledger.ping().await }
        };
        HealthCheck::new("orders.db", check).critical().every(Duration::from_secs(5))
    }

    async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(self.pool()?).await?;
        Ok(())
    }

    /// Lets go of the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn pool(&self) -> Result<&SqlitePool, sqlx::Error> {
        if self.faults.get().database_gone {
            return Err(sqlx::Error::Io(std::io::Error::other("unable to open the database file")));
        }
        Ok(&self.pool)
    }
}
