//! Something that was asked of an instance.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commands")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub service: String,
    pub instance: String,
    pub ordered: String,
    pub asked_by: String,
    pub asked_at: i64,
    pub state: String,
    pub told_at: Option<i64>,
    pub reported_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub percent: Option<i64>,
    pub detail: String,
    pub profile: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
