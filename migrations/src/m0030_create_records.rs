//! What people record: runbooks and their runs, gamedays, load tests, incidents, rotas. `body` is JSON of that kind's own
//! form; `service` is empty for what is of all services.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_pk_auto, boolean, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("records")
                    .col(big_pk_auto("id"))
                    .col(text("kind"))
                    .col(text("service"))
                    .col(text("title"))
                    .col(big_integer("at"))
                    .col(boolean("open"))
                    .col(text("body"))
                    .col(big_integer("version"))
                    .col(big_integer("created_at"))
                    .col(text("created_by"))
                    .col(big_integer("updated_at"))
                    .col(text("updated_by"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("records_kind_at").table("records").col("kind").col("at").to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("records_service").table("records").col("service").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("records").to_owned()).await
    }
}
