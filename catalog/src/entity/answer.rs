//! What somebody says, or said, of an item.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answers")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub service: String,
    pub template: String,
    pub item: String,
    pub version: i64,
    pub latest: bool,
    pub kind: Option<String>,
    pub note: String,
    pub link: Option<String>,
    pub build: Option<String>,
    pub file: Option<String>,
    pub by: String,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
