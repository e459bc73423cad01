//! A deploy, a rollback, or the first build that was seen in an environment.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deploys")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub service_id: i64,
    pub environment: String,
    pub turn: Option<i64>,
    pub kind: String,
    pub version: String,
    pub commit: String,
    pub from_version: Option<String>,
    pub from_commit: Option<String>,
    pub started_at: i64,
    pub process_started_at: Option<i64>,
    pub seen_at: Option<i64>,
    pub settled_at: Option<i64>,
    pub declared_at: Option<i64>,
    pub declared_by: Option<String>,
    pub declared_end: Option<i64>,
    pub link: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::service::Entity",
        from = "Column::ServiceId",
        to = "super::service::Column::Id"
    )]
    Service,
}

impl Related<super::service::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Service.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
