//! How often errors of a group were seen, by the hour.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("error_hours")
                    .col(text("group_id"))
                    .col(big_integer("hour"))
                    .col(big_integer("count"))
                    .primary_key(Index::create().col("group_id").col("hour"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("error_hours", "group_id")
                            .to("error_groups", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("error_hours").to_owned()).await
    }
}
