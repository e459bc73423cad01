//! Who sees to an item.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignments")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub service: String,
    pub template: String,
    pub item: String,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub version: i64,
    pub updated_at: i64,
    pub updated_by: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
