//! What a round of judging found, with what it changed.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};

use super::{AssessmentSummary, StoredAssessment};
use crate::{
    Catalog, CatalogError, Lease,
    entity::{
        assessment::{self, Column},
        level_point, verdict_change,
    },
    leases, text, time,
};

/// Rows written by a statement: at most ten values each, of the 32,766 that SQLite takes.
const ROWS: usize = 1_000;
/// Services asked for in a statement.
const SERVICES: usize = 5_000;

/// What judging a service by a template found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed {
    /// How it stands.
    pub assessment: StoredAssessment,
    /// The items whose verdict is not as it was.
    pub changes: Vec<ItemChange>,
}

/// A change of the verdict of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemChange {
    /// The id of the item.
    pub item: String,
    /// The verdict before, as the checklist calls it; none where it had never been judged.
    pub from: Option<String>,
    /// The verdict now.
    pub to: String,
    /// The number or the words behind it. What is beyond 1,024 bytes is cut.
    pub words: String,
}

impl Catalog {
    /// Records what a round of judging found, each service and template once, all of it or nothing. What was known of a
    /// service and template is replaced; where the level or the share is another, its history gets a point.
    ///
    /// Refused with [`CatalogError::LeaseLost`] when another portal has taken over.
    pub async fn record_assessments(&self, lease: &Lease, assessed: &[Assessed]) -> Result<(), CatalogError> {
        let current = assessed.iter().map(assessment_row).collect::<Result<Vec<_>, _>>()?;
        let changes = change_rows(assessed)?;
        let transaction = self.begin().await?;
        leases::hold(&transaction, lease).await?;
        let before = reached_before(&transaction, assessed).await?;
        write_current(&transaction, &current).await?;
        for some in changes.chunks(ROWS) {
            let rows = verdict_change::Entity::insert_many(some.iter().cloned());
            rows.exec_without_returning(&transaction).await?;
        }
        for some in level_rows(assessed, &before).chunks(ROWS) {
            let rows = level_point::Entity::insert_many(some.iter().cloned());
            rows.exec_without_returning(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets how services stand by templates that are not for them any more, each a service and the id of a template.
    /// What has changed in the past is kept.
    ///
    /// Refused with [`CatalogError::LeaseLost`] when another portal has taken over.
    pub async fn forget_assessments(
        &self,
        lease: &Lease,
        gone: &[(String, String)],
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        leases::hold(&transaction, lease).await?;
        for key in gone {
            assessment::Entity::delete_by_id(key.clone()).exec(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// What decides whether the history gets a point: level, passing and applicable items.
type Reached = (Option<String>, i64, i64);

fn reached(summary: &AssessmentSummary) -> Reached {
    (summary.level.clone(), summary.passing.into(), summary.applicable.into())
}

/// What the services had reached, by service and template.
async fn reached_before(
    db: &impl ConnectionTrait,
    assessed: &[Assessed],
) -> Result<HashMap<(String, String), Reached>, DbErr> {
    let mut before = HashMap::with_capacity(assessed.len());
    for some in assessed.chunks(SERVICES) {
        let rows: Vec<(String, String, Option<String>, i64, i64)> = assessment::Entity::find()
            .select_only()
            .columns([Column::Service, Column::Template, Column::Level, Column::Passing, Column::Applicable])
            .filter(Column::Service.is_in(some.iter().map(|found| &*found.assessment.summary.service)))
            .into_tuple()
            .all(db)
            .await?;
        before.extend(rows.into_iter().map(|(service, template, level, passing, applicable)| {
            ((service, template), (level, passing, applicable))
        }));
    }
    Ok(before)
}

async fn write_current(db: &impl ConnectionTrait, rows: &[assessment::ActiveModel]) -> Result<(), DbErr> {
    let known = OnConflict::columns([Column::Service, Column::Template])
        .update_columns([
            Column::TemplateVersion,
            Column::Build,
            Column::Level,
            Column::Passing,
            Column::Applicable,
            Column::AssessedAt,
            Column::Points,
            Column::Judgements,
        ])
        .to_owned();
    for some in rows.chunks(ROWS) {
        assessment::Entity::insert_many(some.iter().cloned())
            .on_conflict(known.clone())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

fn assessment_row(found: &Assessed) -> Result<assessment::ActiveModel, CatalogError> {
    let StoredAssessment { summary, judgements } = &found.assessment;
    let level = summary.level.as_deref().map(|level| text::name("level", level)).transpose()?;
    Ok(assessment::ActiveModel {
        service: Set(text::name("service", &summary.service)?.to_owned()),
        template: Set(text::name("template", &summary.template)?.to_owned()),
        template_version: Set(text::detail(&summary.template_version)),
        build: Set(summary.build.as_deref().map(text::detail)),
        level: Set(level.map(str::to_owned)),
        passing: Set(summary.passing.into()),
        applicable: Set(summary.applicable.into()),
        assessed_at: Set(time::to_column(summary.assessed_at)),
        points: Set(text::document("points", &summary.points)?.to_owned()),
        judgements: Set(text::large("judgements", judgements)?.to_owned()),
    })
}

fn change_rows(assessed: &[Assessed]) -> Result<Vec<verdict_change::ActiveModel>, CatalogError> {
    let all = assessed.iter().flat_map(|found| found.changes.iter().map(move |change| (found, change)));
    let rows = all.map(|(found, change)| {
        let summary = &found.assessment.summary;
        let was = change.from.as_deref().map(|verdict| text::name("verdict", verdict)).transpose()?;
        Ok(verdict_change::ActiveModel {
            service: Set(summary.service.clone()),
            template: Set(summary.template.clone()),
            item: Set(text::name("item", &change.item)?.to_owned()),
            was: Set(was.map(str::to_owned)),
            verdict: Set(text::name("verdict", &change.to)?.to_owned()),
            words: Set(text::detail(&change.words)),
            at: Set(time::to_column(summary.assessed_at)),
            ..Default::default()
        })
    });
    rows.collect()
}

/// Points for those that have not reached what they had.
fn level_rows(
    assessed: &[Assessed],
    before: &HashMap<(String, String), Reached>,
) -> Vec<level_point::ActiveModel> {
    let summaries = assessed.iter().map(|found| &found.assessment.summary);
    let moved = summaries.filter(|summary| {
        before.get(&(summary.service.clone(), summary.template.clone())) != Some(&reached(summary))
    });
    let rows = moved.map(|summary| level_point::ActiveModel {
        service: Set(summary.service.clone()),
        template: Set(summary.template.clone()),
        template_version: Set(text::detail(&summary.template_version)),
        build: Set(summary.build.as_deref().map(text::detail)),
        level: Set(summary.level.clone()),
        passing: Set(summary.passing.into()),
        applicable: Set(summary.applicable.into()),
        at: Set(time::to_column(summary.assessed_at)),
        ..Default::default()
    });
    rows.collect()
}
