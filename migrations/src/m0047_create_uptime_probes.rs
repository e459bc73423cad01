//! How the portal's latest probe of each service's URL went.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, boolean, text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("uptime_probes")
                    .col(text("service").primary_key())
                    .col(text("url"))
                    .col(big_integer("at"))
                    .col(boolean("answered"))
                    .col(big_integer_null("status"))
                    .col(big_integer("took_ms"))
                    .col(text_null("error"))
                    .col(big_integer_null("failing_since"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("uptime_probes").to_owned()).await
    }
}
