//! What has changed: verdicts of items, and what services have reached.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::{ItemChange, assessments::count};
use crate::{
    Catalog, CatalogError,
    entity::{level_point, verdict_change},
    time,
};

/// A change of the verdict of an item that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictChange {
    /// Rises with every change.
    pub id: i64,
    /// The service.
    pub service: String,
    /// The id of the template.
    pub template: String,
    /// What changed.
    pub change: ItemChange,
    /// When it was judged.
    pub at: Timestamp,
}

/// What a service had reached by a template from a time on, until the next point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelPoint {
    /// The level, as the checklist calls it; none below the lowest.
    pub level: Option<String>,
    /// How many items passed.
    pub passing: u32,
    /// How many items applied.
    pub applicable: u32,
    /// The version of the template by which it was judged.
    pub template_version: String,
    /// The build that ran, where it was known.
    pub build: Option<String>,
    /// From when on.
    pub at: Timestamp,
}

impl Catalog {
    /// The latest changes of verdicts, of all services or of one, latest first.
    pub async fn verdict_changes(
        &self,
        service: Option<&str>,
        limit: u64,
    ) -> Result<Vec<VerdictChange>, CatalogError> {
        use verdict_change::Column;
        let mut query = verdict_change::Entity::find().order_by_desc(Column::Id).limit(limit);
        if let Some(service) = service {
            query = query.filter(Column::Service.eq(service));
        }
        Ok(query.all(&self.db).await?.into_iter().map(VerdictChange::from).collect())
    }

    /// What a service had reached by a template since a time, earliest first. The first is what it had reached by then,
    /// where it had been judged.
    pub async fn level_history(
        &self,
        service: &str,
        template: &str,
        since: Timestamp,
    ) -> Result<Vec<LevelPoint>, CatalogError> {
        use level_point::Column;
        let since = time::to_column(since);
        let all = level_point::Entity::find()
            .filter(Column::Service.eq(service))
            .filter(Column::Template.eq(template));
        let held = all.clone().filter(Column::At.lte(since));
        let held = held.order_by_desc(Column::At).order_by_desc(Column::Id).one(&self.db).await?;
        let later = all.filter(Column::At.gt(since)).order_by_asc(Column::At).order_by_asc(Column::Id);
        let later = later.all(&self.db).await?;
        Ok(held.into_iter().chain(later).map(LevelPoint::from).collect())
    }
}

/// Forgets changes of verdicts and what had been reached before a time, and tells how many of both. What was reached last
/// by then stays, because it held beyond.
pub(crate) async fn prune(db: &impl ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    let changes = verdict_change::Entity::delete_many().filter(verdict_change::Column::At.lt(before));
    let changes = changes.exec(db).await?.rows_affected;
    let old = level_point::Column::At.lt(before);
    let held = level_point::Entity::find()
        .select_only()
        .column_as(level_point::Column::Id.max(), "id")
        .filter(old.clone())
        .group_by(level_point::Column::Service)
        .group_by(level_point::Column::Template);
    let points = level_point::Entity::delete_many()
        .filter(old)
        .filter(level_point::Column::Id.not_in_subquery(held.into_query()));
    Ok(changes + points.exec(db).await?.rows_affected)
}

impl From<verdict_change::Model> for VerdictChange {
    fn from(row: verdict_change::Model) -> Self {
        Self {
            id: row.id,
            service: row.service,
            template: row.template,
            change: ItemChange { item: row.item, from: row.was, to: row.verdict, words: row.words },
            at: time::from_column(row.at),
        }
    }
}

impl From<level_point::Model> for LevelPoint {
    fn from(row: level_point::Model) -> Self {
        Self {
            level: row.level,
            passing: count(row.passing),
            applicable: count(row.applicable),
            template_version: row.template_version,
            build: row.build,
            at: time::from_column(row.at),
        }
    }
}
