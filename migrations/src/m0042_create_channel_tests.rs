//! The latest test alert of each channel.

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
                    .table("channel_tests")
                    .col(big_integer("channel_id").primary_key())
                    .col(big_integer("sent_at"))
                    .col(text("sent_by"))
                    .col(big_integer_null("delivered_at"))
                    .col(text_null("error"))
                    .col(big_integer_null("acknowledged_at"))
                    .col(text_null("acknowledged_by"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("channel_tests", "channel_id")
                            .to("channels", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("channel_tests").to_owned()).await
    }
}
