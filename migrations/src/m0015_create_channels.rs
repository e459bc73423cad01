//! Where alerts are told. What it takes to reach the place is JSON, and may be a secret.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_pk_auto, text, text_uniq},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("channels")
                    .col(big_pk_auto("id"))
                    .col(text_uniq("name"))
                    .col(text("kind"))
                    .col(text("settings"))
                    .col(big_integer("version"))
                    .col(big_integer("created_at"))
                    .col(text("created_by"))
                    .col(big_integer("updated_at"))
                    .col(text("updated_by"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("channels").to_owned()).await
    }
}
