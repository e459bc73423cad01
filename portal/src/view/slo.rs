//! One SLO: its budget, how fast it burns, and the arithmetic in words.

use std::ops::Range;

use jiff::Timestamp;
use seaworthy_catalog::StoredSlo;
use seaworthy_slo::{
    Budget, Budgeting, BurnRule, Exclusions, Exhaustion, Ledger, Minute, PackedHour, Severity, Sli, Slo,
    SloSpec,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{problem::Problem, state::App};

/// Points of a burn-down chart.
const POINTS: i64 = 120;
/// Minutes listed as the worst.
const WORST: usize = 10;
/// Windows of which the burn rate is told, in minutes.
const BURN_WINDOWS: [u32; 4] = [60, 6 * 60, 24 * 60, 3 * 24 * 60];

/// How an SLO stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SloState {
    /// Nothing is left of the budget.
    Spent,
    /// It burns so fast that an alert is due.
    Burning,
    /// Less than half of the budget is left.
    Low,
    /// All is well.
    Within,
    /// The service told of itself, and nobody asked anything of it.
    NoTraffic,
    /// Nobody told of anything.
    NoData,
}

/// An SLO and how it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SloView {
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
    /// The share of the window's minutes so far of which anything is known.
    pub(crate) coverage: f64,
    /// How many times too fast the budget burns, by window.
    pub(crate) burn: Vec<BurnView>,
    /// Its alert rules.
    pub(crate) rules: Vec<RuleView>,
    /// Budget left over the window.
    pub(crate) burn_down: Vec<BurnDownPoint>,
    /// When the budget will be gone, if it goes on so.
    pub(crate) exhaustion: Option<ExhaustionView>,
    /// The minutes in which most failed.
    pub(crate) worst_minutes: Vec<WorstMinute>,
    /// The last minute that was evaluated; none before the first evaluation.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) evaluated_to: Option<Timestamp>,
}

/// The burn rate of a window.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BurnView {
    /// Minutes of the window.
    pub(crate) minutes: u32,
    /// 1 spends the budget exactly within its period; none without events.
    pub(crate) rate: Option<f64>,
}

/// An alert rule and its two windows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RuleView {
    /// `page` or `ticket`.
    #[schema(value_type = String)]
    pub(crate) severity: Severity,
    /// Percent of the budget that go within the long window at this rate.
    pub(crate) budget_percent: f64,
    /// It fires above this rate.
    pub(crate) factor: f64,
    /// The long window; minutes without data count as good.
    pub(crate) long: BurnView,
    /// The short window.
    pub(crate) short: BurnView,
    /// Whether both are above, with enough failures.
    pub(crate) fires: bool,
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
    of(app, stored).await
}

/// An SLO as it is defined.
pub(crate) async fn definition(app: &App, name: &str) -> Result<(StoredSlo, SloSpec), Problem> {
    let stored = app.catalog().slo(name).await?.ok_or_else(|| unknown(name))?;
    let spec = serde_json::from_str(&stored.definition.spec).map_err(Problem::internal)?;
    Ok((stored, spec))
}

fn unknown(name: &str) -> Problem {
    Problem::not_found(format!("There is no SLO {name:?}"), "The page SLOs lists every one of them.")
}

/// An SLO of the catalog with its minutes.
pub(super) async fn of(app: &App, stored: StoredSlo) -> Result<SloView, Problem> {
    let now = app.clock().now();
    let spec: SloSpec = serde_json::from_str(&stored.definition.spec).map_err(Problem::internal)?;
    let slo = spec.check().map_err(|mistakes| Problem::internal(format!("{}: {mistakes:?}", stored.name)))?;
    let window = slo.period.range(now);
    let longest =
        slo.rules.iter().map(|rule| rule.long_minutes).chain(BURN_WINDOWS).max().unwrap_or_default();
    let from = window.start.0.min(Minute::of(now).0 - i64::from(longest));
    let mut ledger = Ledger::new(slo.budgeting);
    for hour in app.catalog().slo_hours(stored.id, from.div_euclid(60)).await? {
        if ledger.load(hour.hour, PackedHour::from_bytes(hour.packed)).is_err() {
            tracing::warn!(slo = stored.name, hour = hour.hour, "an hour of an SLO is damaged and left out");
        }
    }
    Ok(view(stored, spec, &slo, &ledger, window, now))
}

fn view(
    stored: StoredSlo,
    spec: SloSpec,
    slo: &Slo,
    ledger: &Ledger,
    window: Range<Minute>,
    now: Timestamp,
) -> SloView {
    let none = Exclusions::default();
    let end = stored.evaluated_to.map_or(Minute::of(now), Minute);
    let budget = Budget::of(ledger, window.clone(), slo.objective, &none);
    let rules: Vec<RuleView> = slo.rules.iter().map(|rule| rule_view(rule, slo, ledger, end)).collect();
    let past = Minute::of(now).min(window.end).0 - window.start.0;
    SloView {
        as_of: now,
        state: state(&budget, &rules),
        objective: slo.objective.to_string(),
        from: window.start.begins(),
        to: window.end.begins(),
        sli: budget.counts().sli(),
        budget_left: budget.left(),
        unit: unit(slo),
        total: budget.counts().total(),
        allowed: budget.allowed,
        spent: budget.spent,
        coverage: if past > 0 { budget.tally.covered_minutes as f64 / past as f64 } else { 0.0 },
        burn: BURN_WINDOWS.map(|minutes| burn(slo, ledger, end, minutes)).into(),
        rules,
        burn_down: burn_down(ledger, &budget, &window, end),
        exhaustion: Exhaustion::of(ledger, &budget, end, &none).map(|found| ExhaustionView {
            earliest: found.earliest.begins(),
            latest: found.latest.map(Minute::begins),
        }),
        worst_minutes: ledger
            .worst(window.clone(), &none, WORST)
            .into_iter()
            .map(|(minute, counts)| WorstMinute {
                at: minute.begins(),
                bad: counts.bad(),
                total: counts.total(),
            })
            .collect(),
        evaluated_to: stored.evaluated_to.map(|minute| Minute(minute).begins()),
        name: stored.name,
        service: stored.definition.service,
        title: stored.definition.title,
        description: stored.definition.description,
        team: stored.definition.team,
        version: stored.version,
        spec,
    }
}

fn state(budget: &Budget, rules: &[RuleView]) -> SloState {
    match budget.left() {
        None if budget.tally.covered_minutes == 0 => SloState::NoData,
        None => SloState::NoTraffic,
        Some(left) if left <= 0.0 => SloState::Spent,
        Some(_) if rules.iter().any(|rule| rule.fires) => SloState::Burning,
        Some(left) if left < 0.5 => SloState::Low,
        Some(_) => SloState::Within,
    }
}

fn unit(slo: &Slo) -> String {
    match (slo.budgeting, &slo.sli) {
        (Budgeting::Slices(slices), _) if slices.minutes == 1 => "minutes".to_owned(),
        (Budgeting::Slices(slices), _) => format!("slices of {} min", slices.minutes),
        (_, Sli::Ratio { .. } | Sli::Failures { .. }) => "events".to_owned(),
        _ => "requests".to_owned(),
    }
}

fn burn(slo: &Slo, ledger: &Ledger, end: Minute, minutes: u32) -> BurnView {
    let tally = ledger.tally(Minute(end.0 - i64::from(minutes))..end, &Exclusions::default());
    BurnView { minutes, rate: tally.burn_rate(slo.objective) }
}

fn rule_view(rule: &BurnRule, slo: &Slo, ledger: &Ledger, end: Minute) -> RuleView {
    let period = slo.period.minutes();
    let tally = |minutes: u32| ledger.tally(Minute(end.0 - i64::from(minutes))..end, &Exclusions::default());
    let within = |minutes: u32| {
        let rate = tally(minutes).burn_rate_within(minutes, slo.objective);
        BurnView { minutes, rate }
    };
    RuleView {
        severity: rule.severity,
        budget_percent: f64::from(rule.budget_share_millionths) / 10_000.0,
        factor: rule.factor(period),
        long: within(rule.long_minutes),
        short: within(rule.short_minutes),
        fires: rule.fires(
            &tally(rule.long_minutes),
            &tally(rule.short_minutes),
            slo.objective,
            period,
            slo.least_failures,
        ),
    }
}

/// From all of the budget at the window's begin to what is left now. What may fail is taken as it is now: otherwise
/// traffic would seem to give budget back.
fn burn_down(ledger: &Ledger, budget: &Budget, window: &Range<Minute>, end: Minute) -> Vec<BurnDownPoint> {
    let length = window.end.0 - window.start.0;
    let mut spent = 0;
    let mut before = window.start;
    (0..=POINTS)
        .map(|index| {
            let at = Minute(window.start.0 + length * index / POINTS);
            let known = at <= end && budget.left().is_some();
            if known {
                spent += ledger.tally(before..at, &Exclusions::default()).counts.bad();
                before = at;
            }
            BurnDownPoint { at: at.begins(), left: known.then(|| 1.0 - spent as f64 / budget.allowed) }
        })
        .collect()
}
