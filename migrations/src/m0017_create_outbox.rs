//! What is to be told of alerts, in the order of each, and what became of it.

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
                    .table("outbox")
                    .col(big_pk_auto("id"))
                    .col(big_integer("channel_id"))
                    .col(big_integer("alert_id"))
                    .col(big_integer("sequence"))
                    .col(text("payload"))
                    .col(big_integer("created_at"))
                    .col(big_integer("due_at"))
                    .col(big_integer("attempts"))
                    .col(big_integer_null("claimed_until"))
                    .col(text_null("last_error"))
                    .col(big_integer_null("delivered_at"))
                    .col(big_integer_null("dead_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("outbox", "channel_id")
                            .to("channels", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("outbox", "alert_id")
                            .to("alerts", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("outbox_alert_id_channel_id_sequence")
                    .table("outbox")
                    .col("alert_id")
                    .col("channel_id")
                    .col("sequence")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("outbox_due_at")
                    .table("outbox")
                    .col("due_at")
                    .and_where(Expr::col("delivered_at").is_null())
                    .and_where(Expr::col("dead_at").is_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("outbox_channel_id").table("outbox").col("channel_id").to_owned(),
            )
            .await?;
        // For the messages that wait behind another. PostgreSQL leaves the unique index for a worse one while it has not
        // counted the rows.
        manager
            .create_index(
                Index::create()
                    .name("outbox_waiting")
                    .table("outbox")
                    .col("alert_id")
                    .col("channel_id")
                    .col("sequence")
                    .and_where(Expr::col("delivered_at").is_null())
                    .and_where(Expr::col("dead_at").is_null())
                    .to_owned(),
            )
            .await?;
        // Of what is due both columns are null, as of nearly all. Were the nulls in these indices, SQLite would go
        // through them instead of the index above.
        for (name, column) in [("outbox_delivered_at", "delivered_at"), ("outbox_dead_at", "dead_at")] {
            let index = Index::create()
                .name(name)
                .table("outbox")
                .col(column)
                .and_where(Expr::col(column).is_not_null())
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("outbox").to_owned()).await
    }
}
