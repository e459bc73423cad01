//! What files have said, so that what they say no more can be told from what people have made. SLOs carry their file themselves.

use sea_orm_migration::{prelude::*, schema::text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("from_files")
                    .col(text("kind"))
                    .col(text("name"))
                    .primary_key(Index::create().col("kind").col("name"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("from_files").to_owned()).await
    }
}
