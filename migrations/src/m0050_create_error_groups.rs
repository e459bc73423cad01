//! Errors of services, by what makes them alike.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("error_groups")
                    .col(text("id").primary_key())
                    .col(text("service"))
                    .col(text("kind"))
                    .col(text("message"))
                    .col(text("place"))
                    .col(big_integer("count"))
                    .col(big_integer("first_seen_at"))
                    .col(big_integer("last_seen_at"))
                    .col(text("state"))
                    .col(big_integer_null("state_at"))
                    .col(text_null("state_by"))
                    .col(text_null("resolved_in"))
                    .col(big_integer_null("muted_until"))
                    .col(big_integer_null("regressed_at"))
                    .col(text_null("regressed_in"))
                    .to_owned(),
            )
            .await?;
        for column in ["service", "last_seen_at"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("error_groups_{column}"))
                        .table("error_groups")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("error_groups").to_owned()).await
    }
}
