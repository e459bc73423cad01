//! How far each SLO has been evaluated. It changes every minute, and the SLOs themselves seldom: hence apart from them.

use sea_orm_migration::{prelude::*, schema::big_integer};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("slo_evaluations")
                    .col(big_integer("slo_id").primary_key())
                    .col(big_integer("evaluated_to"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("slo_evaluations", "slo_id")
                            .to("slos", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("slo_evaluations").to_owned()).await
    }
}
