//! How an SLO stands. Each round keeps it beside the minutes, so that lists of many SLOs need not read any.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::StoredSlo;
use seaworthy_slo::{Budget, BurnRule, Exclusions, Ledger, Minute, Slo};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Windows of which the burn rate is told, in minutes.
const WINDOWS: [u32; 4] = [60, 6 * 60, 24 * 60, 3 * 24 * 60];
/// One that was kept longer ago says nothing of now.
const KEPT: SignedDuration = SignedDuration::from_mins(5);

/// In which of a few ways an SLO stands, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
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

/// The burn rate of a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BurnView {
    /// Minutes of the window.
    pub(crate) minutes: u32,
    /// 1 spends the budget exactly within its period; none without events.
    pub(crate) rate: Option<f64>,
}

/// How an SLO stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The version of the SLO.
    pub(crate) version: i64,
    /// When this was so.
    pub(crate) as_of: Timestamp,
    /// In short.
    pub(crate) state: SloState,
    /// The window in which it counts.
    pub(crate) window: Range<Timestamp>,
    /// The share that was good; none without events.
    pub(crate) sli: Option<f64>,
    /// The share of the budget that is left, below 0 when more than all is spent; none without events.
    pub(crate) budget_left: Option<f64>,
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
}

impl Standing {
    /// From what is known of an SLO up to the minute `end`, which is the first that has not been evaluated.
    pub(crate) fn of(
        (slo, version): (&Slo, i64),
        ledger: &Ledger,
        exclusions: &Exclusions,
        end: Minute,
        now: Timestamp,
    ) -> Self {
        let window = slo.period.range(now);
        let budget = Budget::of(ledger, window.clone(), slo.objective, exclusions);
        let last = |minutes: u32| ledger.tally(Minute(end.0 - i64::from(minutes))..end, exclusions);
        let period = slo.period.minutes();
        let burns = slo.rules.iter().any(|rule| {
            let (long, short) = (last(rule.long_minutes), last(rule.short_minutes));
            rule.fires(&long, &short, slo.objective, period, slo.least_failures)
        });
        let so_far = window.start..window.end.min(Minute::of(now));
        Self {
            version,
            as_of: now,
            state: state(&budget, burns),
            sli: budget.counts().sli(),
            budget_left: budget.left(),
            total: budget.counts().total(),
            allowed: budget.allowed,
            spent: budget.spent,
            coverage: ledger.coverage(so_far, exclusions).share(),
            burn: WINDOWS
                .map(|minutes| BurnView { minutes, rate: last(minutes).burn_rate(slo.objective) })
                .into(),
            window: window.start.begins()..window.end.begins(),
        }
    }

    /// The one that was kept of an SLO; none where it says nothing of now.
    pub(crate) fn kept(stored: &StoredSlo, now: Timestamp) -> Option<Self> {
        let kept: Self = serde_json::from_str(stored.standing.as_deref()?).ok()?;
        (kept.version == stored.version && now.duration_since(kept.as_of) < KEPT).then_some(kept)
    }
}

/// The longest time that is looked back, whatever the period is.
pub(crate) fn longest_window(rules: &[BurnRule]) -> u32 {
    rules.iter().map(|rule| rule.long_minutes).chain(WINDOWS).max().unwrap_or_default()
}

fn state(budget: &Budget, burns: bool) -> SloState {
    match budget.left() {
        None if budget.tally.covered_minutes == 0 => SloState::NoData,
        None => SloState::NoTraffic,
        Some(left) if left <= 0.0 => SloState::Spent,
        Some(_) if burns => SloState::Burning,
        Some(left) if left < 0.5 => SloState::Low,
        Some(_) => SloState::Within,
    }
}
