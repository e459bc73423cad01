//! How a service stands by a template.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assessments")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub service: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub template: String,
    pub template_version: String,
    pub build: Option<String>,
    pub level: Option<String>,
    pub passing: i64,
    pub applicable: i64,
    pub assessed_at: i64,
    pub points: String,
    pub judgements: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
