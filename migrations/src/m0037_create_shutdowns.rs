//! How instances ended: by saying so, with what their drain came to, or without a word.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, big_pk_auto, boolean, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("shutdowns")
                    .col(big_pk_auto("id"))
                    .col(big_integer("service_id"))
                    .col(text("instance"))
                    .col(text("environment"))
                    .col(text("version"))
                    .col(text("commit"))
                    .col(big_integer("at"))
                    .col(boolean("lost"))
                    .col(boolean("clean"))
                    .col(big_integer("aborted"))
                    .col(big_integer_null("took_ms"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("shutdowns", "service_id")
                            .to("services", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("shutdowns_service_id_instance")
                    .table("shutdowns")
                    .col("service_id")
                    .col("instance")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("shutdowns_at").table("shutdowns").col("at").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("shutdowns").to_owned()).await
    }
}
