//! What people say of items, now and before. A row without a kind says that an answer was withdrawn.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_pk_auto, boolean, text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("answers")
                    .col(big_pk_auto("id"))
                    .col(text("service"))
                    .col(text("template"))
                    .col(text("item"))
                    .col(big_integer("version"))
                    .col(boolean("latest"))
                    .col(text_null("kind"))
                    .col(text("note"))
                    .col(text_null("link"))
                    .col(text_null("build"))
                    .col(text("by"))
                    .col(big_integer("at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("answers_item_version")
                    .table("answers")
                    .col("service")
                    .col("template")
                    .col("item")
                    .col("version")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("answers_latest")
                    .table("answers")
                    .col("service")
                    .col("template")
                    .col("item")
                    .unique()
                    .and_where(Expr::col("latest"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("answers").to_owned()).await
    }
}
