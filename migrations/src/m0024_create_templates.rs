//! Checklists by which services are judged: every version, and of each template at most one in use.

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
                    .table("templates")
                    .col(big_pk_auto("id"))
                    .col(text("template"))
                    .col(text("version"))
                    .col(boolean("in_use"))
                    .col(big_integer("created_at"))
                    .col(text("created_by"))
                    .col(big_integer("changed_at"))
                    .col(text("changed_by"))
                    .col(text("yaml"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("templates_template_version")
                    .table("templates")
                    .col("template")
                    .col("version")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("templates_in_use")
                    .table("templates")
                    .col("template")
                    .unique()
                    .and_where(Expr::col("in_use"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("templates").to_owned()).await
    }
}
