//! How each service stands by each template. The judgements come last, so that a list of services does not read them.

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
                    .table("assessments")
                    .col(text("service"))
                    .col(text("template"))
                    .col(text("template_version"))
                    .col(text_null("build"))
                    .col(text_null("level"))
                    .col(big_integer("passing"))
                    .col(big_integer("applicable"))
                    .col(big_integer("assessed_at"))
                    .col(text("points"))
                    .col(text("judgements"))
                    .primary_key(Index::create().col("service").col("template"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("assessments").to_owned()).await
    }
}
