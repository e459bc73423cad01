//! What a service had reached by a template from some time on.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "level_points")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub service: String,
    pub template: String,
    pub template_version: String,
    pub build: Option<String>,
    pub level: Option<String>,
    pub passing: i64,
    pub applicable: i64,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
