//! The latest probe of a service's URL.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "uptime_probes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub service: String,
    pub url: String,
    pub at: i64,
    pub answered: bool,
    pub status: Option<i64>,
    pub took_ms: i64,
    pub error: Option<String>,
    pub failing_since: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
