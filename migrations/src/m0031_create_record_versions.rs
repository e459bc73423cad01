//! What each version of a record said, the one in force included.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("record_versions")
                    .col(big_integer("record_id"))
                    .col(big_integer("version"))
                    .col(text("service"))
                    .col(text("title"))
                    .col(big_integer("at"))
                    .col(boolean("open"))
                    .col(text("body"))
                    .col(big_integer("updated_at"))
                    .col(text("updated_by"))
                    .primary_key(Index::create().col("record_id").col("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("record_versions", "record_id")
                            .to("records", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("record_versions").to_owned()).await
    }
}
