//! What an SLO would have told of the past, before it is made.

use jiff::{SignedDuration, Timestamp};
use seaworthy_slo::{Known, Ledger, Minute, Rehearsal, Slo, SloSpec};
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::slo::unit;
use crate::{
    objectives::{Told, events, exclusions},
    problem::Problem,
    state::App,
};

/// Minutes read at once.
const CHUNK: i64 = 24 * 60;

/// What would have been.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RehearsalView {
    /// The time that was looked at: the SLO's window, as far as telemetry is kept.
    pub(crate) from: Timestamp,
    /// Its end.
    pub(crate) to: Timestamp,
    /// What was asked.
    pub(crate) objective: String,
    /// The same in percent.
    pub(crate) objective_percent: f64,
    /// The share that was good; none without events.
    pub(crate) sli: Option<f64>,
    /// The share of the budget that would be left.
    pub(crate) budget_left: Option<f64>,
    /// What the budget is counted in.
    pub(crate) unit: String,
    /// Of so many.
    pub(crate) total: u64,
    /// So many might have failed.
    pub(crate) allowed: f64,
    /// So many did.
    pub(crate) spent: u64,
    /// How often a page would have fired.
    pub(crate) pages: u32,
    /// How often a ticket would have.
    pub(crate) tickets: u32,
    /// The hardest usual objective that would have left a quarter of its budget.
    pub(crate) suggested: Option<String>,
    /// The share of the minutes that were told of.
    pub(crate) coverage: f64,
}

/// Goes through the past.
pub(crate) async fn load(
    app: &App,
    service: &str,
    spec: SloSpec,
    slo: Slo,
) -> Result<RehearsalView, Problem> {
    let now = app.clock().now();
    let kept = SignedDuration::from_hours(24 * i64::from(app.settings().retention_days));
    let length = i64::from(slo.period.minutes()).min(kept.as_mins());
    let to = Minute::of(now);
    let from = Minute(to.0 - length);
    let mut ledger = Ledger::new(slo.budgeting);
    let mut at = from;
    while at < to {
        let until = Minute(at.0 + CHUNK).min(to);
        let told = Told::load(app, service, &[&slo.sli], at..until, 1).await.map_err(Problem::internal)?;
        for (minute, counts) in events(&slo.sli, told.evidence()) {
            ledger.note(minute, Known::Events(counts));
        }
        at = until;
    }
    let excluded = exclusions::minutes(&exclusions::of_service(app, service, from..to).await?);
    let unit = unit(&slo);
    let objective = slo.objective;
    let found = spawn_blocking(move || Rehearsal::of(&slo, &ledger, from..to, &excluded)).await;
    let found = found.map_err(Problem::internal)?;
    let budget = found.budget;
    Ok(RehearsalView {
        from: from.begins(),
        to: to.begins(),
        objective: objective.to_string(),
        objective_percent: spec.objective_percent,
        sli: budget.counts().sli(),
        budget_left: budget.left(),
        unit,
        total: budget.counts().total(),
        allowed: budget.allowed,
        spent: budget.spent,
        pages: found.pages,
        tickets: found.tickets,
        suggested: found.suggested.map(|objective| objective.to_string()),
        coverage: budget.coverage(),
    })
}
