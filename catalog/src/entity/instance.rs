//! An instance with its latest check-in; `checks`, `figures`, `losses`, `observations` and `drain` are JSON.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instances")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub service_id: i64,
    pub instance: String,
    pub environment: String,
    pub agent: String,
    pub sequence: i64,
    pub sent_at: i64,
    pub version: String,
    pub commit: String,
    pub built_at: Option<i64>,
    pub host: String,
    pub pid: i64,
    pub started_at: i64,
    pub admin_address: String,
    pub state: String,
    pub health_status: String,
    pub checks: String,
    pub figures: String,
    pub losses: String,
    pub drain: Option<String>,
    pub first_seen_at: i64,
    pub last_seen_at: i64,
    pub turned_sequence: i64,
    pub lost_at: Option<i64>,
    pub observations: String,
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
