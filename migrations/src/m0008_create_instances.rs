//! Instances with their latest check-in.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, big_pk_auto, text, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("instances")
                    .col(big_pk_auto("id"))
                    .col(big_integer("service_id"))
                    .col(text("instance"))
                    .col(text("environment"))
                    .col(text("agent"))
                    .col(big_integer("sequence"))
                    .col(big_integer("sent_at"))
                    .col(text("version"))
                    .col(text("commit"))
                    .col(big_integer_null("built_at"))
                    .col(text("host"))
                    .col(big_integer("pid"))
                    .col(big_integer("started_at"))
                    .col(text("admin_address"))
                    .col(text("state"))
                    .col(text("health_status"))
                    .col(text("checks"))
                    .col(text("figures"))
                    .col(text("losses"))
                    .col(text_null("drain"))
                    .col(big_integer("first_seen_at"))
                    .col(big_integer("last_seen_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("instances", "service_id")
                            .to("services", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("instances_service_id_instance")
                    .table("instances")
                    .col("service_id")
                    .col("instance")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("instances_last_seen_at")
                    .table("instances")
                    .col("last_seen_at")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("instances").to_owned()).await
    }
}
