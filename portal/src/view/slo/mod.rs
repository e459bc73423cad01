//! One SLO: its budget, how fast it burns, what spent it, and what is known at all.

mod burn;
mod burn_down;
mod coverage;
mod figures;
mod spent;

use jiff::Timestamp;
use seaworthy_catalog::StoredSlo;
use seaworthy_slo::{Budgeting, Sli, Slo, SloSpec};
use serde::Serialize;
use utoipa::ToSchema;

use self::figures::Figures;
pub(crate) use self::{
    burn::RuleView,
    burn_down::BurnDownView,
    coverage::{CoverageKind, CoverageView},
    spent::{SpentBy, SpentView},
};
use super::alerts::{self, AlertLine};
pub(crate) use crate::objectives::standing::{BurnView, SloState};
use crate::{objectives::standing::Standing, problem::Problem, state::App};

/// Minutes listed as the worst.
const WORST: usize = 10;

/// An SLO and how it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SloSummary {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Its name.
    pub(crate) name: String,
    /// The service of which it asks something.
    pub(crate) service: String,
    /// How it is called.
    pub(crate) title: String,
    /// What it is for.
    pub(crate) description: String,
    /// The team that answers for it.
    pub(crate) team: Option<String>,
    /// What it asks.
    #[schema(value_type = Object)]
    pub(crate) spec: SloSpec,
    /// Its version.
    pub(crate) version: i64,
    /// How it stands.
    pub(crate) state: SloState,
    /// What it asks, in percent.
    pub(crate) objective: String,
    /// The window in which it counts.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// Its end; that of a calendar window may be in the future.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// The share that was good; none without events.
    pub(crate) sli: Option<f64>,
    /// The share of the budget that is left, below 0 when more than all is spent; none without events.
    pub(crate) budget_left: Option<f64>,
    /// What the budget is counted in: requests, events or slices of time.
    pub(crate) unit: String,
    /// Of so many.
    pub(crate) total: u64,
    /// So many may fail.
    pub(crate) allowed: f64,
    /// So many have.
    pub(crate) spent: u64,
    /// The share of the window's minutes so far of which the service told; none before the first.
    pub(crate) coverage: Option<f64>,
    /// How many times too fast the budget burns, by window.
    pub(crate) burn: Vec<BurnView>,
    /// The last minute that was evaluated; none before the first evaluation.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) evaluated_to: Option<Timestamp>,
}

/// All of an SLO.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SloView {
    /// How it stands.
    #[serde(flatten)]
    pub(crate) summary: SloSummary,
    /// Its alerts that are not over, worst first.
    pub(crate) alerts: Vec<AlertLine>,
    /// Its alert rules.
    pub(crate) rules: Vec<RuleView>,
    /// Budget left over the window, and what happened meanwhile.
    pub(crate) burn_down: BurnDownView,
    /// What is known of the window.
    pub(crate) coverage_detail: CoverageView,
    /// What spent the budget.
    pub(crate) spent_by: SpentView,
    /// The minutes in which most failed.
    pub(crate) worst_minutes: Vec<WorstMinute>,
}

/// A minute and what failed in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WorstMinute {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// Events that failed.
    pub(crate) bad: u64,
    /// Events.
    pub(crate) total: u64,
}

/// Loads an SLO.
pub(crate) async fn load(app: &App, name: &str) -> Result<SloView, Problem> {
    let stored = app.catalog().slo(name).await?.ok_or_else(|| unknown(name))?;
    let (spec, slo) = checked(&stored)?;
    let figures = Figures::load(app, &stored, &slo).await?;
    let builds = app.catalog().builds(&stored.definition.service).await?;
    let summary = summary(figures.standing(stored.version), &stored, (spec, &slo));
    let alerts = alerts::open_of(app, |alert| alert.slo.as_deref() == Some(name)).await?;
    Ok(SloView {
        alerts,
        rules: figures.rules(),
        burn_down: burn_down::load(app, &figures, &stored, &builds).await?,
        coverage_detail: figures.coverage(),
        spent_by: spent::load(app, &figures, &stored, &builds).await?,
        worst_minutes: figures.worst_minutes(),
        summary,
    })
}

/// An SLO as it is defined.
pub(crate) async fn definition(app: &App, name: &str) -> Result<(StoredSlo, SloSpec), Problem> {
    let stored = app.catalog().slo(name).await?.ok_or_else(|| unknown(name))?;
    let spec = spec(&stored)?;
    Ok((stored, spec))
}

fn spec(stored: &StoredSlo) -> Result<SloSpec, Problem> {
    serde_json::from_str(&stored.definition.spec).map_err(Problem::internal)
}

/// An SLO as it was written, and as it is counted.
pub(super) fn checked(stored: &StoredSlo) -> Result<(SloSpec, Slo), Problem> {
    let spec = spec(stored)?;
    let slo = spec.check().map_err(|mistakes| Problem::internal(format!("{}: {mistakes:?}", stored.name)))?;
    Ok((spec, slo))
}

fn unknown(name: &str) -> Problem {
    Problem::not_found(format!("There is no SLO {name:?}"), "The page SLOs lists every one of them.")
}

/// How an SLO of the catalog stands: as the last round found, or else by its minutes.
pub(super) async fn summary_of(app: &App, stored: &StoredSlo) -> Result<SloSummary, Problem> {
    let (spec, slo) = checked(stored)?;
    let standing = match Standing::kept(stored, app.clock().now()) {
        Some(kept) => kept,
        None => Figures::load(app, stored, &slo).await?.standing(stored.version),
    };
    Ok(summary(standing, stored, (spec, &slo)))
}

fn summary(standing: Standing, stored: &StoredSlo, (spec, slo): (SloSpec, &Slo)) -> SloSummary {
    let definition = &stored.definition;
    SloSummary {
        as_of: standing.as_of,
        name: stored.name.clone(),
        service: definition.service.clone(),
        title: definition.title.clone(),
        description: definition.description.clone(),
        team: definition.team.clone(),
        version: stored.version,
        state: standing.state,
        objective: slo.objective.to_string(),
        from: standing.window.start,
        to: standing.window.end,
        sli: standing.sli,
        budget_left: standing.budget_left,
        unit: unit(slo),
        total: standing.total,
        allowed: standing.allowed,
        spent: standing.spent,
        coverage: standing.coverage,
        burn: standing.burn,
        evaluated_to: stored.evaluated_to.map(|minute| seaworthy_slo::Minute(minute).begins()),
        spec,
    }
}

pub(super) fn unit(slo: &Slo) -> String {
    match (slo.budgeting, &slo.sli) {
        (Budgeting::Slices(slices), _) if slices.minutes == 1 => "minutes".to_owned(),
        (Budgeting::Slices(slices), _) => format!("slices of {} min", slices.minutes),
        (_, Sli::Ratio { .. } | Sli::Failures { .. }) => "events".to_owned(),
        _ => "requests".to_owned(),
    }
}
