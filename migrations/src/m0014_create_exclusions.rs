//! Time that does not count: planned maintenance, and load tests. Of one that repeats, the times are those of its first.

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
                    .table("exclusions")
                    .col(big_pk_auto("id"))
                    .col(text("kind"))
                    .col(text_null("service"))
                    .col(big_integer("starts_at"))
                    .col(big_integer("ends_at"))
                    .col(text_null("weekly_zone"))
                    .col(big_integer_null("repeats_until"))
                    .col(text("reason"))
                    .col(big_integer("version"))
                    .col(big_integer("created_at"))
                    .col(text("created_by"))
                    .col(big_integer("updated_at"))
                    .col(text("updated_by"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("exclusions").to_owned()).await
    }
}
