//! Opens the database and brings it up to date.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    SqlxSqliteConnector,
    sqlx::{
        self, ConnectOptions as _, Connection,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
    },
};
use seaworthy_migrations::{Migrator, MigratorTrait};
use tokio::time::{Instant, sleep, timeout};

use crate::{OpenError, store::begin};

/// How long a writer waits for another before it gives up.
const BUSY: Duration = Duration::from_secs(10);
const CONNECTIONS_SQLITE: u32 = 4;
const CONNECTIONS_POSTGRES: u32 = 16;
/// Any number that nobody else uses for an advisory lock in this database: "seaworth" in ASCII.
const MIGRATION_LOCK: i64 = 0x7365_6177_6f72_7468;

pub(crate) async fn open(url: &str) -> Result<DatabaseConnection, OpenError> {
    let (place, connected) = if let Some(path) = url.strip_prefix("sqlite://") {
        (path.to_owned(), sqlite(Path::new(path)).await)
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        (postgres_place(url), postgres(url).await)
    } else {
        return Err(OpenError::Url);
    };
    let db = connected.map_err(|cause| OpenError::Connect { place: place.clone(), cause })?;
    match migrate(&db).await {
        Ok(None) => Ok(db),
        Ok(Some(migration)) => Err(OpenError::Newer { place, migration }),
        Err(cause) => Err(OpenError::Migrate { place, cause }),
    }
}

async fn sqlite(path: &Path) -> Result<DatabaseConnection, DbErr> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .disable_statement_logging();
    let pool = sqlite_pool(options).await;
    pool.map(SqlxSqliteConnector::from_sqlx_sqlite_pool).map_err(cannot_connect)
}

/// While two portals open a new file, one of them is refused: SQLite waits for locks everywhere but at the switch to the
/// write-ahead log. So the waiting is done here.
async fn sqlite_pool(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    const BETWEEN: Duration = Duration::from_millis(20);
    let deadline = Instant::now() + BUSY;
    loop {
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_SQLITE);
        match pool.connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(BETWEEN).await,
            done => return done,
        }
    }
}

/// Whether another holds a lock: `SQLITE_BUSY`, in whatever flavour.
fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

async fn postgres(url: &str) -> Result<DatabaseConnection, DbErr> {
    reach(url).await?;
    let mut options = ConnectOptions::new(url);
    options.max_connections(CONNECTIONS_POSTGRES).acquire_timeout(BUSY).sqlx_logging(false);
    Database::connect(options).await
}

/// Says why a server cannot be reached. A pool would try for ten seconds, and then say only that it took too long.
async fn reach(url: &str) -> Result<(), DbErr> {
    let options: PgConnectOptions = url.parse().map_err(cannot_connect)?;
    let connected = timeout(BUSY, options.connect()).await;
    let connection = connected
        .map_err(|_| DbErr::Custom(format!("it does not answer within {} s", BUSY.as_secs())))?
        .map_err(cannot_connect)?;
    connection.close().await.map_err(cannot_connect)
}

fn cannot_connect(cause: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(cause.into()))
}

/// Host and database of a URL, without user and password.
fn postgres_place(url: &str) -> String {
    let address = url.split_once("://").map_or(url, |(_, rest)| rest);
    let address = address.split('?').next().unwrap_or_default();
    address.rsplit_once('@').map_or(address, |(_, place)| place).to_owned()
}

/// All pending migrations in one transaction: the catalog is of one version, or of the other. A second portal that
/// starts on the same database waits for the first. Nothing is done where a migration was applied that is not known
/// here, and its name returned.
async fn migrate(db: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    let transaction = begin(db).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    }
    let unknown = unknown_migration(&transaction).await?;
    if unknown.is_none() {
        Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
    }
    Ok(unknown)
}

async fn unknown_migration(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    let known: Vec<String> = Migrator::migrations().iter().map(|known| known.name().to_owned()).collect();
    let applied = Migrator::get_migration_models(db).await?;
    Ok(applied.into_iter().map(|applied| applied.version).find(|version| !known.contains(version)))
}
