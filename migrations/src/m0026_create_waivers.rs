//! Waivers of items. Of one item at most one waits for approval.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, big_pk_auto, text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("waivers")
                    .col(big_pk_auto("id"))
                    .col(text("service"))
                    .col(text("template"))
                    .col(text("item"))
                    .col(text("reason"))
                    .col(text("asked_by"))
                    .col(big_integer("asked_at"))
                    .col(big_integer("expires_at"))
                    .col(text_null("approved_by"))
                    .col(big_integer_null("approved_at"))
                    .col(text_null("ended_by"))
                    .col(big_integer_null("ended_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("waivers_awaiting_approval")
                    .table("waivers")
                    .col("service")
                    .col("template")
                    .col("item")
                    .unique()
                    .and_where(Expr::col("approved_at").is_null())
                    .and_where(Expr::col("ended_at").is_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("waivers_service").table("waivers").col("service").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("waivers").to_owned()).await
    }
}
