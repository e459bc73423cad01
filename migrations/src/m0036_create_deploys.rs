//! Deploys and rollbacks of each service in each environment. `turn` counts the builds that were deployed there, as instances
//! tell; it is absent for a deploy that was declared and that no instance has told of. The first turn is no deploy, but what
//! the first deploy went from.

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
                    .table("deploys")
                    .col(big_pk_auto("id"))
                    .col(big_integer("service_id"))
                    .col(text("environment"))
                    .col(big_integer_null("turn"))
                    .col(text("kind"))
                    .col(text("version"))
                    .col(text("commit"))
                    .col(text_null("from_version"))
                    .col(text_null("from_commit"))
                    .col(big_integer("started_at"))
                    .col(big_integer_null("process_started_at"))
                    .col(big_integer_null("seen_at"))
                    .col(big_integer_null("settled_at"))
                    .col(big_integer_null("declared_at"))
                    .col(text_null("declared_by"))
                    .col(big_integer_null("declared_end"))
                    .col(text("link"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("deploys", "service_id")
                            .to("services", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("deploys_turn")
                    .table("deploys")
                    .col("service_id")
                    .col("environment")
                    .col("turn")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("deploys_started_at").table("deploys").col("started_at").to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("deploys").to_owned()).await
    }
}
