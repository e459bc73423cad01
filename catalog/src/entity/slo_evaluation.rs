//! How far an SLO has been evaluated.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "slo_evaluations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub slo_id: i64,
    pub evaluated_to: i64,
    pub standing: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(belongs_to = "super::slo::Entity", from = "Column::SloId", to = "super::slo::Column::Id")]
    Slo,
}

impl Related<super::slo::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Slo.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
