//! Alerts, each from its beginning to its end. Of one key there is at most one that is not over.

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
                    .table("alerts")
                    .col(big_pk_auto("id"))
                    .col(text("key"))
                    .col(text_null("slo"))
                    .col(text("service"))
                    .col(text("severity"))
                    .col(text("state"))
                    .col(big_integer("started_at"))
                    .col(big_integer_null("fired_at"))
                    .col(big_integer_null("acknowledged_at"))
                    .col(text_null("acknowledged_by"))
                    .col(big_integer_null("resolved_at"))
                    .col(text("details"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("alerts_open_key")
                    .table("alerts")
                    .col("key")
                    .unique()
                    .and_where(Expr::col("resolved_at").is_null())
                    .to_owned(),
            )
            .await?;
        for (name, column) in
            [("alerts_slo", "slo"), ("alerts_service", "service"), ("alerts_resolved_at", "resolved_at")]
        {
            manager.create_index(Index::create().name(name).table("alerts").col(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("alerts").to_owned()).await
    }
}
