//! Who sees to an item, and until which day.

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
                    .table("assignments")
                    .col(big_pk_auto("id"))
                    .col(text("service"))
                    .col(text("template"))
                    .col(text("item"))
                    .col(text_null("owner"))
                    .col(text_null("due"))
                    .col(big_integer("version"))
                    .col(big_integer("updated_at"))
                    .col(text("updated_by"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("assignments_item")
                    .table("assignments")
                    .col("service")
                    .col("template")
                    .col("item")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("assignments_owner")
                    .table("assignments")
                    .col("owner")
                    .and_where(Expr::col("owner").is_not_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("assignments").to_owned()).await
    }
}
