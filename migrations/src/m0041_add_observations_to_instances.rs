//! What the agent has noticed in the process, as JSON. Of an instance that checked in before, nothing.

use sea_orm_migration::{prelude::*, schema::text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let observations = text("observations").default("{}").to_owned();
        manager.alter_table(Table::alter().table("instances").add_column(observations).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("instances").drop_column("observations").to_owned()).await
    }
}
