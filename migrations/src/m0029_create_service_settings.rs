//! What people say of a service as a whole.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("service_settings")
                    .col(text("service").primary_key())
                    .col(text_null("kind"))
                    .col(text_null("url"))
                    .col(text_null("owner"))
                    .col(big_integer("version"))
                    .col(big_integer("updated_at"))
                    .col(text("updated_by"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("service_settings").to_owned()).await
    }
}
