//! Errors of a service that are alike.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "error_groups")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub service: String,
    pub kind: String,
    pub message: String,
    pub place: String,
    pub count: i64,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
    pub state: String,
    pub state_at: Option<i64>,
    pub state_by: Option<String>,
    pub resolved_in: Option<String>,
    pub muted_until: Option<i64>,
    pub regressed_at: Option<i64>,
    pub regressed_in: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
