use std::sync::Arc;

use sea_orm_migration::sea_orm::ConnectionTrait;
use seaworthy_catalog::{Catalog, OpenError};

use crate::database::{Database, on_both_databases};

on_both_databases!(a_catalog_of_a_newer_version_is_refused_and_left_alone, two_portals_may_start_at_once,);

async fn a_catalog_of_a_newer_version_is_refused_and_left_alone(database: Arc<Database>) {
    database.catalog().await.close().await;
    let db = database.raw().await;
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9999_of_the_future', 0)").await.unwrap();
    let error = Catalog::open(database.url()).await.unwrap_err();
    assert!(
        matches!(&error, OpenError::Newer { migration, .. } if migration == "m9999_of_the_future"),
        "{error}"
    );
    assert!(error.to_string().contains("newer version of Seaworthy"), "{error}");
}

async fn two_portals_may_start_at_once(database: Arc<Database>) {
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let database = database.clone();
        all.spawn(async move { database.catalog().await.ping().await.unwrap() });
    }
    all.join_all().await;
}

#[tokio::test]
async fn errors_name_the_place_and_never_the_password() {
    let cases = [
        ("mysql://u:secret@h/d", "must start with sqlite:// or postgres://"),
        ("sqlite:///no/such/folder/catalog.db", "/no/such/folder/catalog.db"),
        ("postgres://u:secret@127.0.0.1:1/d", "127.0.0.1:1/d: "),
        ("postgres://u:secret@127.0.0.1:1/d", "Connection refused"),
        ("postgres://u:secret@127.0.0.1:99999/d", "invalid port"),
    ];
    for (url, expected) in cases {
        let error = Catalog::open(url).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
