//! What people remark on items.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_pk_auto, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("comments")
                    .col(big_pk_auto("id"))
                    .col(text("service"))
                    .col(text("template"))
                    .col(text("item"))
                    .col(text("text"))
                    .col(text("by"))
                    .col(big_integer("at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("comments_item")
                    .table("comments")
                    .col("service")
                    .col("template")
                    .col("item")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("comments").to_owned()).await
    }
}
