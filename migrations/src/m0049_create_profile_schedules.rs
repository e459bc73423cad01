//! How often profiles are taken of a service by themselves.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, boolean, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("profile_schedules")
                    .col(text("service").primary_key())
                    .col(big_integer("every_minutes"))
                    .col(boolean("cpu"))
                    .col(boolean("heap"))
                    .col(big_integer("updated_at"))
                    .col(text("updated_by"))
                    .col(big_integer_null("begun_at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("profile_schedules").to_owned()).await
    }
}
