//! What was asked of instances, and what became of it.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, big_pk_auto, text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEX: &str = "commands_by_instance";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("commands")
                    .col(big_pk_auto("id"))
                    .col(text("service"))
                    .col(text("instance"))
                    .col(text("ordered"))
                    .col(text("asked_by"))
                    .col(big_integer("asked_at"))
                    .col(text("state"))
                    .col(big_integer_null("told_at"))
                    .col(big_integer_null("reported_at"))
                    .col(big_integer_null("ended_at"))
                    .col(big_integer_null("percent"))
                    .col(text("detail"))
                    .col(text_null("profile"))
                    .to_owned(),
            )
            .await?;
        // Every check-in asks what waits.
        manager
            .create_index(
                Index::create()
                    .name(INDEX)
                    .table("commands")
                    .col("service")
                    .col("instance")
                    .col("ended_at")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("commands").to_owned()).await
    }
}
