//! SLOs as people define them. The service is a name: an SLO may be written before its service is heard of.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_pk_auto, text, text_null, text_uniq},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("slos")
                    .col(big_pk_auto("id"))
                    .col(text_uniq("name"))
                    .col(text("service"))
                    .col(text("title"))
                    .col(text("description"))
                    .col(text_null("team"))
                    .col(text("spec"))
                    .col(big_integer("version"))
                    .col(big_integer("created_at"))
                    .col(text("created_by"))
                    .col(big_integer("updated_at"))
                    .col(text("updated_by"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("slos_service").table("slos").col("service").to_owned())
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("slos").to_owned()).await
    }
}
