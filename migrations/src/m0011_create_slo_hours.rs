//! The minutes of an SLO, packed by the hour. An hour counts from the Unix epoch.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, blob},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("slo_hours")
                    .col(big_integer("slo_id"))
                    .col(big_integer("hour"))
                    .col(blob("packed"))
                    .primary_key(Index::create().col("slo_id").col("hour"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("slo_hours", "slo_id")
                            .to("slos", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("slo_hours_hour").table("slo_hours").col("hour").to_owned())
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("slo_hours").to_owned()).await
    }
}
