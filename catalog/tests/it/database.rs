//! A database of its own for each test.
//!
//! PostgreSQL is the server that `SEAWORTHY_TEST_POSTGRES` names; a test that cannot have it fails.

use std::{env, future::Future, panic::resume_unwind, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use sea_orm_migration::sea_orm::{ConnectionTrait, Database as SeaOrm, DatabaseConnection};
use seaworthy_catalog::Catalog;
use tempfile::TempDir;

/// Runs each named test once on either database: `on_both_databases!(first_test, second_test);`
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                crate::database::run(crate::database::Database::sqlite(), super::$test).await;
            }
        )+}
        mod on_postgres {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                crate::database::run(crate::database::Database::postgres().await, super::$test).await;
            }
        )+}
    };
}
pub(crate) use on_both_databases;

/// An empty database.
pub(crate) struct Database {
    url: String,
    home: Home,
}

enum Home {
    Sqlite { _folder: TempDir },
    Postgres { server: DatabaseConnection, schema: String },
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("catalog.db").display());
        Self { url, home: Home::Sqlite { _folder: folder } }
    }

    pub(crate) async fn postgres() -> Self {
        let server_url = env::var("SEAWORTHY_TEST_POSTGRES").expect(
            "SEAWORTHY_TEST_POSTGRES must name a PostgreSQL server in which tests may make schemas, such as \
             postgres://postgres@127.0.0.1:5432/postgres; scripts/test starts one and sets it",
        );
        let server = SeaOrm::connect(&server_url).await.expect("SEAWORTHY_TEST_POSTGRES can be reached");
        let random = getrandom::u64().expect("randomness");
        let schema = format!("test_{random:016x}");
        server.execute_unprepared(&format!("CREATE SCHEMA {schema}")).await.expect("may make a schema");
        let separator = if server_url.contains('?') { '&' } else { '?' };
        let url = format!("{server_url}{separator}options[search_path]={schema}");
        Self { url, home: Home::Postgres { server, schema } }
    }

    /// The URL to open it with.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The catalog in it.
    pub(crate) async fn catalog(&self) -> Catalog {
        Catalog::open(&self.url).await.expect("the catalog opens")
    }

    /// The database itself, past the catalog.
    pub(crate) async fn raw(&self) -> DatabaseConnection {
        let url = self.url.replacen("sqlite://", "sqlite:", 1);
        let url = if url.starts_with("sqlite:") { format!("{url}?mode=rwc") } else { url };
        SeaOrm::connect(url).await.expect("the database opens")
    }

    async fn remove(&self) {
        if let Home::Postgres { server, schema } = &self.home {
            server
                .execute_unprepared(&format!("DROP SCHEMA {schema} CASCADE"))
                .await
                .expect("drops its schema");
        }
    }
}

/// Runs a test, and removes its database however the test ends.
pub(crate) async fn run<T, F>(database: Database, test: T)
where
    T: FnOnce(Arc<Database>) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let database = Arc::new(database);
    let ended = tokio::spawn(test(database.clone())).await;
    database.remove().await;
    if let Err(error) = ended {
        resume_unwind(error.into_panic());
    }
}

/// So many seconds after noon of some day.
pub(crate) fn noon_plus(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-20T12:00:00Z".parse().expect("a time");
    noon + SignedDuration::from_secs(seconds)
}
