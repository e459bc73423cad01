//! How fast a budget burns, and what alerts of it.

use seaworthy_slo::{BurnRule, Severity};
use serde::Serialize;
use utoipa::ToSchema;

use super::{BurnView, Figures};

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

impl Figures<'_> {
    /// The alert rules.
    pub(super) fn rules(&self) -> Vec<RuleView> {
        self.slo.rules.iter().map(|rule| self.rule(rule)).collect()
    }

    fn rule(&self, rule: &BurnRule) -> RuleView {
        let period = self.slo.period.minutes();
        let (long, short) = (self.last(rule.long_minutes), self.last(rule.short_minutes));
        let objective = self.slo.objective;
        RuleView {
            severity: rule.severity,
            budget_percent: f64::from(rule.budget_share_millionths) / 10_000.0,
            factor: rule.factor(period),
            long: BurnView {
                minutes: rule.long_minutes,
                rate: long.burn_rate_within(rule.long_minutes, objective),
            },
            short: BurnView {
                minutes: rule.short_minutes,
                rate: short.burn_rate_within(rule.short_minutes, objective),
            },
            fires: rule.fires(&long, &short, objective, period, self.slo.least_failures),
        }
    }
}
