//! How each service stands by each template.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::{
    Catalog, CatalogError,
    entity::assessment::{Column, Entity, Model},
    time,
};

/// How a service stands by a template, without the judgements of its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentSummary {
    /// The service.
    pub service: String,
    /// The id of the template.
    pub template: String,
    /// The version of the template.
    pub template_version: String,
    /// The build that ran, where it was known.
    pub build: Option<String>,
    /// The level that was reached, as the checklist calls it; none below the lowest.
    pub level: Option<String>,
    /// How many items pass.
    pub passing: u32,
    /// How many items apply.
    pub applicable: u32,
    /// What a list of many services shows of this one, such as its points, as JSON of at most 64 KiB. The catalog keeps it
    /// as it is.
    pub points: String,
    /// When it was judged.
    pub assessed_at: Timestamp,
}

/// How a service stands by a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAssessment {
    /// All but the judgements.
    pub summary: AssessmentSummary,
    /// The judgements of the items, as JSON of at most 1 MiB. The catalog keeps it as it is.
    pub judgements: String,
}

impl Catalog {
    /// How services stand now, all or one, by service and template in alphabetical order.
    ///
    /// With all judgements this is tens of megabytes for hundreds of services; a list of them is better made from
    /// [`Self::assessment_summaries`].
    pub async fn assessments(&self, service: Option<&str>) -> Result<Vec<StoredAssessment>, CatalogError> {
        let rows = of(service).all(&self.db).await?;
        Ok(rows.into_iter().map(StoredAssessment::from).collect())
    }

    /// As [`Self::assessments`], without the judgements, which are not read.
    pub async fn assessment_summaries(
        &self,
        service: Option<&str>,
    ) -> Result<Vec<AssessmentSummary>, CatalogError> {
        let rows = of(service).select_only().columns(SUMMARY).into_model::<SummaryRow>();
        Ok(rows.all(&self.db).await?.into_iter().map(AssessmentSummary::from).collect())
    }
}

const SUMMARY: [Column; 9] = [
    Column::Service,
    Column::Template,
    Column::TemplateVersion,
    Column::Build,
    Column::Level,
    Column::Passing,
    Column::Applicable,
    Column::Points,
    Column::AssessedAt,
];

#[derive(FromQueryResult)]
struct SummaryRow {
    service: String,
    template: String,
    template_version: String,
    build: Option<String>,
    level: Option<String>,
    passing: i64,
    applicable: i64,
    points: String,
    assessed_at: i64,
}

fn of(service: Option<&str>) -> Select<Entity> {
    let all = Entity::find().order_by_asc(Column::Service).order_by_asc(Column::Template);
    match service {
        Some(service) => all.filter(Column::Service.eq(service)),
        None => all,
    }
}

/// A count from its column. One that nobody writes becomes the nearest that can be.
pub(super) fn count(column: i64) -> u32 {
    u32::try_from(column.max(0)).unwrap_or(u32::MAX)
}

impl From<SummaryRow> for AssessmentSummary {
    fn from(row: SummaryRow) -> Self {
        Self {
            service: row.service,
            template: row.template,
            template_version: row.template_version,
            build: row.build,
            level: row.level,
            passing: count(row.passing),
            applicable: count(row.applicable),
            points: row.points,
            assessed_at: time::from_column(row.assessed_at),
        }
    }
}

impl From<Model> for StoredAssessment {
    fn from(row: Model) -> Self {
        Self {
            summary: AssessmentSummary {
                service: row.service,
                template: row.template,
                template_version: row.template_version,
                build: row.build,
                level: row.level,
                passing: count(row.passing),
                applicable: count(row.applicable),
                points: row.points,
                assessed_at: time::from_column(row.assessed_at),
            },
            judgements: row.judgements,
        }
    }
}
