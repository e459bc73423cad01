//! Whether dumps of tasks are taken by themselves. Where somebody had said before what is taken, tasks are not.

use sea_orm_migration::{prelude::*, schema::boolean};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tasks = boolean("tasks").default(false).to_owned();
        manager.alter_table(Table::alter().table("profile_schedules").add_column(tasks).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("profile_schedules").drop_column("tasks").to_owned()).await
    }
}
