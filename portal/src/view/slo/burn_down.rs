//! The budget over its window, what happened meanwhile, and where it leads.

use jiff::Timestamp;
use seaworthy_catalog::{AlertFilter, SeenBuild, StoredSlo};
use seaworthy_slo::{Exhaustion, Minute, Period};
use serde::Serialize;
use utoipa::ToSchema;

use super::Figures;
use crate::{problem::Problem, state::App};

/// Points of the line.
const POINTS: i64 = 120;
/// Alerts that are marked.
const ALERTS: u64 = 100;

/// Budget left over the window, from all of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BurnDownView {
    /// Where the picture ends: with the window, or a sixth of it later where a rolling one would be gone by then.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// The line.
    pub(crate) points: Vec<BurnDownPoint>,
    /// When the budget will be gone, if it goes on so.
    pub(crate) exhaustion: Option<ExhaustionView>,
    /// Builds that came in the window, earliest first.
    pub(crate) deploys: Vec<Deploy>,
    /// Alerts that fired in the window.
    pub(crate) alerts: Vec<AlertSpan>,
    /// Time in the window that does not count, earliest first.
    pub(crate) excluded: Vec<ExcludedView>,
}

/// Budget left at a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BurnDownPoint {
    /// The time.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// The share that was left; none in the future and without events.
    pub(crate) left: Option<f64>,
}

/// When a budget will be gone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ExhaustionView {
    /// At the faster pace of the last day and the last six hours.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) earliest: Timestamp,
    /// At the slower of both.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) latest: Option<Timestamp>,
}

/// A build that came.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Deploy {
    /// When an instance first reported it.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// Its version.
    pub(crate) version: String,
}

/// An alert that fired.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AlertSpan {
    /// The alert.
    pub(crate) id: i64,
    /// `page` or `ticket`.
    pub(crate) severity: String,
    /// When it fired.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// When it was over; none while it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) to: Option<Timestamp>,
}

/// Time that does not count.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ExcludedView {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// `maintenance` or `load test`.
    pub(crate) kind: String,
    /// Why.
    pub(crate) reason: String,
}

/// Loads the line and its marks.
pub(super) async fn load(
    app: &App,
    figures: &Figures<'_>,
    stored: &StoredSlo,
    builds: &[SeenBuild],
) -> Result<BurnDownView, Problem> {
    let filter = AlertFilter { slo: Some(stored.name.clone()), ..AlertFilter::default() };
    let alerts = app.catalog().alerts(&filter, None, ALERTS).await?;
    let from = figures.window.start.begins();
    let exhaustion = Exhaustion::of(&figures.ledger, &figures.budget(), figures.end, &figures.exclusions);
    let to = horizon(figures, exhaustion.as_ref());
    Ok(BurnDownView {
        to: to.begins(),
        points: points(figures, to),
        exhaustion: exhaustion.map(|found| ExhaustionView {
            earliest: found.earliest.begins(),
            latest: found.latest.map(Minute::begins),
        }),
        deploys: deploys(builds, from),
        alerts: alerts
            .into_iter()
            .filter(|alert| alert.status.resolved_at.is_none_or(|over| over > from))
            .filter_map(|alert| {
                let severity = alert.status.severity.to_string();
                let (id, to) = (alert.id, alert.status.resolved_at);
                Some(AlertSpan { id, severity, from: alert.status.fired_at?, to })
            })
            .collect(),
        excluded: figures
            .excluded
            .iter()
            .filter(|time| time.minutes.end > figures.window.start)
            .map(|time| ExcludedView {
                from: time.minutes.start.begins(),
                to: time.minutes.end.begins(),
                kind: time.kind.to_string(),
                reason: time.reason.clone(),
            })
            .collect(),
    })
}

fn horizon(figures: &Figures<'_>, exhaustion: Option<&Exhaustion>) -> Minute {
    let window = &figures.window;
    let later = Minute(window.end.0 + (window.end.0 - window.start.0) / 6);
    match (&figures.slo.period, exhaustion) {
        (Period::Rolling { .. }, Some(found)) if found.earliest < later => later,
        _ => window.end,
    }
}

/// The very first build of a service is no change of it.
fn deploys(builds: &[SeenBuild], from: Timestamp) -> Vec<Deploy> {
    let mut deploys: Vec<Deploy> = builds
        .iter()
        .map(|build| Deploy { at: build.first_seen_at, version: build.build.version.clone() })
        .collect();
    deploys.sort_by_key(|deploy| deploy.at);
    deploys.into_iter().skip(1).filter(|deploy| deploy.at >= from).collect()
}

/// From all of the budget at the window's begin to what is left now. What may fail is taken as it is now: otherwise
/// traffic would seem to give budget back.
fn points(figures: &Figures<'_>, to: Minute) -> Vec<BurnDownPoint> {
    let budget = figures.budget();
    let window = &figures.window;
    let length = to.0 - window.start.0;
    let mut spent = 0;
    let mut before = window.start;
    (0..=POINTS)
        .map(|index| {
            let at = Minute(window.start.0 + length * index / POINTS);
            // The last piece may have begun only: what was evaluated of it counts.
            let known = before < figures.end && budget.left().is_some();
            if known {
                spent += figures.ledger.tally(before..at.min(figures.end), &figures.exclusions).counts.bad();
                before = at;
            }
            BurnDownPoint { at: at.begins(), left: known.then(|| 1.0 - spent as f64 / budget.allowed) }
        })
        .collect()
}
