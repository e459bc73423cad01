//! A change of the verdict of an item.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verdict_changes")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub service: String,
    pub template: String,
    pub item: String,
    pub was: Option<String>,
    pub verdict: String,
    pub words: String,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
