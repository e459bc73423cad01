//! When an instance last turned into something else, so that a check-in which says nothing new costs nothing more:
//! `turned_sequence` is the latest check-in that changed build, environment or state. `lost_at` is when it was noted that it
//! went without saying so.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column a statement.
        for column in [big_integer("turned_sequence").default(0).to_owned(), big_integer_null("lost_at")] {
            manager.alter_table(Table::alter().table("instances").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["lost_at", "turned_sequence"] {
            manager.alter_table(Table::alter().table("instances").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
