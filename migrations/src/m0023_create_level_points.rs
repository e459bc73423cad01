//! The past of levels: a row for each change of what a service has reached by a template.

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
                    .table("level_points")
                    .col(big_pk_auto("id"))
                    .col(text("service"))
                    .col(text("template"))
                    .col(text("template_version"))
                    .col(text_null("build"))
                    .col(text_null("level"))
                    .col(big_integer("passing"))
                    .col(big_integer("applicable"))
                    .col(big_integer("at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("level_points_service_template_at")
                    .table("level_points")
                    .col("service")
                    .col("template")
                    .col("at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("level_points_at").table("level_points").col("at").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("level_points").to_owned()).await
    }
}
