//! Time in which alerts are not told, though they fire.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_pk_auto, text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("silences")
                    .col(big_pk_auto("id"))
                    .col(text_null("service"))
                    .col(text_null("slo"))
                    .col(big_integer("starts_at"))
                    .col(big_integer("ends_at"))
                    .col(text("reason"))
                    .col(big_integer("created_at"))
                    .col(text("created_by"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("silences_ends_at").table("silences").col("ends_at").to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("silences").to_owned()).await
    }
}
