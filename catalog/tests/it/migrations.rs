use std::sync::Arc;

use sea_orm_migration::{
    MigratorTrait, SchemaManager,
    sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement},
};
use seaworthy_migrations::Migrator;

use crate::{
    check_ins::check_in,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(every_migration_goes_up_and_down_and_up_again, every_migration_undoes_exactly_what_it_did,);

async fn every_migration_goes_up_and_down_and_up_again(database: Arc<Database>) {
    let db = database.raw().await;
    Migrator::up(&db, None).await.unwrap();
    let up = schema(&db).await;
    Migrator::down(&db, None).await.unwrap();
    assert!(!SchemaManager::new(&db).has_table("services").await.unwrap());
    Migrator::up(&db, None).await.unwrap();
    assert_eq!(schema(&db).await, up);

    let catalog = database.catalog().await;
    catalog.record_check_in(&check_in("reception", "a", 1), noon_plus(0)).await.unwrap();
}

async fn every_migration_undoes_exactly_what_it_did(database: Arc<Database>) {
    let db = database.raw().await;
    Migrator::install(&db).await.unwrap();
    let mut before = vec![schema(&db).await];
    for _ in Migrator::migrations() {
        Migrator::up(&db, Some(1)).await.unwrap();
        let after = schema(&db).await;
        assert_ne!(Some(&after), before.last(), "a migration that changes nothing");
        before.push(after);
    }
    before.pop();
    for expected in before.iter().rev() {
        Migrator::down(&db, Some(1)).await.unwrap();
        assert_eq!(&schema(&db).await, expected);
    }
}

/// Tables, columns and indices, as the database tells them.
async fn schema(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT coalesce(sql, name) AS line FROM sqlite_master WHERE name <> 'sqlite_sequence' ORDER BY 1"
        }
        _ => {
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable) AS line \
             FROM information_schema.columns WHERE table_schema = current_schema() \
             UNION SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() \
             UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE connamespace = current_schema()::regnamespace ORDER BY line"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}
