//! Builds in which errors of a group were seen.

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
                    .table("error_builds")
                    .col(text("group_id"))
                    .col(text("build"))
                    .col(big_integer("count"))
                    .col(big_integer("first_seen_at"))
                    .col(big_integer("last_seen_at"))
                    .primary_key(Index::create().col("group_id").col("build"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("error_builds", "group_id")
                            .to("error_groups", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("error_builds").to_owned()).await
    }
}
