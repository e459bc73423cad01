//! How fast a budget burned around an alert.

use jiff::Timestamp;
use seaworthy_catalog::Alert;
use seaworthy_slo::{BurnRule, Exclusions, Ledger, Minute, Severity, Slo, SloSpec};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    alerts,
    objectives::{exclusions, ledger},
    problem::Problem,
    state::App,
};

/// Points of the chart.
const POINTS: i64 = 120;

/// Burn rates over time, in the two windows of the rule that looks at the shortest time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BurnRates {
    /// Minutes of the long window.
    pub(crate) long_minutes: u32,
    /// Minutes of the short window.
    pub(crate) short_minutes: u32,
    /// It fires above this rate in both.
    pub(crate) factor: f64,
    /// The first point.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// The last point.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// The points, earliest first.
    pub(crate) points: Vec<BurnPoint>,
}

/// The burn rates at a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BurnPoint {
    /// The time: the end of both windows.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// In the long window; none without events.
    pub(crate) long: Option<f64>,
    /// In the short window; none without events.
    pub(crate) short: Option<f64>,
}

/// The burn rates around an alert: from well before its beginning to well after its end. None where it is about no SLO, or
/// about one that is no more.
pub(super) async fn load(app: &App, alert: &Alert, now: Timestamp) -> Result<Option<BurnRates>, Problem> {
    let Some(name) = &alert.origin.slo else { return Ok(None) };
    let Some(stored) = app.catalog().slo(name).await? else { return Ok(None) };
    let spec: Option<SloSpec> = serde_json::from_str(&stored.definition.spec).ok();
    let Some(slo) = spec.and_then(|spec| spec.check().ok()) else { return Ok(None) };
    let severity = alerts::severity(alert.status.severity);
    let of_severity = slo.rules.iter().filter(|rule| rule.severity == severity);
    let Some(rule) = of_severity.min_by_key(|rule| rule.long_minutes) else { return Ok(None) };
    let (from, to) = around(alert, rule, stored.evaluated_to, now);
    if from >= to {
        return Ok(None);
    }
    let first = Minute(from.0 - i64::from(rule.long_minutes));
    let ledger = ledger(app, &stored, slo.budgeting, first).await?;
    let excluded = exclusions::of_service(app, &stored.definition.service, first..to).await?;
    Ok(Some(rates(&ledger, &slo, rule, from, to, &exclusions::minutes(&excluded))))
}

/// Twice the long window of a page before it, and one after it; of a ticket less, for its windows are long.
fn around(alert: &Alert, rule: &BurnRule, evaluated_to: Option<i64>, now: Timestamp) -> (Minute, Minute) {
    let margin = match rule.severity {
        Severity::Page => i64::from(rule.long_minutes),
        Severity::Ticket => i64::from(rule.short_minutes),
    };
    let started = Minute::of(alert.origin.started_at).0;
    let over = alert.status.resolved_at.map(|at| Minute::of(at).0 + margin);
    let end = evaluated_to.unwrap_or_else(|| Minute::of(now).0);
    (Minute(started - 2 * margin), Minute(over.map_or(end, |over| over.min(end))))
}

fn rates(
    ledger: &Ledger,
    slo: &Slo,
    rule: &BurnRule,
    from: Minute,
    to: Minute,
    excluded: &Exclusions,
) -> BurnRates {
    let length = to.0 - from.0;
    let points = POINTS.min(length);
    let rate = |end: Minute, minutes: u32| {
        let tally = ledger.tally(Minute(end.0 - i64::from(minutes))..end, excluded);
        tally.burn_rate_within(minutes, slo.objective)
    };
    BurnRates {
        long_minutes: rule.long_minutes,
        short_minutes: rule.short_minutes,
        factor: rule.factor(slo.period.minutes()),
        from: from.begins(),
        to: to.begins(),
        points: (0..=points)
            .map(|index| Minute(from.0 + length * index / points))
            .map(|end| BurnPoint {
                at: end.begins(),
                long: rate(end, rule.long_minutes),
                short: rate(end, rule.short_minutes),
            })
            .collect(),
    }
}
