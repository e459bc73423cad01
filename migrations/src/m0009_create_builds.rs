//! Builds that instances of a service reported.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, big_pk_auto, text},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("builds")
                    .col(big_pk_auto("id"))
                    .col(big_integer("service_id"))
                    .col(text("version"))
                    .col(text("commit"))
                    .col(big_integer_null("built_at"))
                    .col(big_integer("first_seen_at"))
                    .col(big_integer("last_seen_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("builds", "service_id")
                            .to("services", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("builds_service_id_version_commit")
                    .table("builds")
                    .col("service_id")
                    .col("version")
                    .col("commit")
                    .unique()
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("builds").to_owned()).await
    }
}
