//! How services stand in a word: the level, and the share that passes.

use std::collections::BTreeMap;

use seaworthy_catalog::AssessmentSummary;
use seaworthy_checklist::Level;
use serde::Serialize;
use utoipa::ToSchema;

use super::level;
use crate::{problem::Problem, state::App};

/// How a service stands. Of one that several templates are for, by the one by which it stands lowest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Standing {
    /// The id of the template.
    pub(crate) template: String,
    /// The level that is reached: `bronze`, `silver` or `gold`; none below bronze.
    #[schema(value_type = Option<String>)]
    pub(crate) level: Option<Level>,
    /// How many items pass.
    pub(crate) passing: u32,
    /// How many items apply.
    pub(crate) applicable: u32,
}

impl Standing {
    /// Whole percents of the applicable items that pass, rounded down; none where none applies.
    pub(crate) fn percent(&self) -> Option<u32> {
        (u64::from(self.passing) * 100)
            .checked_div(self.applicable.into())
            .and_then(|percent| percent.try_into().ok())
    }

    /// `61 % of 55 items`.
    pub(crate) fn words(&self) -> String {
        match self.percent() {
            Some(percent) => format!("{percent} % of {} items", self.applicable),
            None => "no item applies".to_owned(),
        }
    }
}

/// How every service that was judged stands.
pub(crate) async fn of_all(app: &App) -> Result<BTreeMap<String, Standing>, Problem> {
    let mut standings: BTreeMap<String, Standing> = BTreeMap::new();
    for summary in app.catalog().assessment_summaries(None).await? {
        let (service, standing) = standing(summary);
        match standings.get(&service) {
            Some(known) if known.rank() <= standing.rank() => {}
            _ => drop(standings.insert(service, standing)),
        }
    }
    Ok(standings)
}

/// How a service stands; none before it was judged.
pub(crate) async fn of(app: &App, service: &str) -> Result<Option<Standing>, Problem> {
    let summaries = app.catalog().assessment_summaries(Some(service)).await?;
    Ok(summaries.into_iter().map(|summary| standing(summary).1).min_by_key(Standing::rank))
}

fn standing(summary: AssessmentSummary) -> (String, Standing) {
    let AssessmentSummary { service, template, passing, applicable, .. } = summary;
    (service, Standing { template, level: level(&summary.level), passing, applicable })
}

impl Standing {
    fn rank(&self) -> (Option<Level>, Option<u32>) {
        (self.level, self.percent())
    }
}
