//! The requests whose errors have been counted, by what their errors say.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("error_requests")
            .col(text("id").primary_key())
            .col(big_integer("counted_at"))
            .to_owned();
        manager.create_table(table).await?;
        let by_time = Index::create()
            .name("error_requests_by_time")
            .table("error_requests")
            .col("counted_at")
            .to_owned();
        manager.create_index(by_time).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("error_requests").to_owned()).await
    }
}
