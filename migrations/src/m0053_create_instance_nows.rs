//! What instances are at right now. Apart from `instances`, which lists of services read as a whole.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("instance_nows")
                    .col(big_integer("instance_id").primary_key())
                    .col(text("told"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("instance_nows", "instance_id")
                            .to("instances", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("instance_nows").to_owned()).await
    }
}
