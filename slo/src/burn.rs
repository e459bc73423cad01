//! When a budget is spent too fast: multi-window, multi-burn-rate alerts (SRE Workbook, chapter 5).

use crate::{Objective, Tally};

const MILLION: u128 = 1_000_000;

/// How much an alert matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Somebody looks at it in their working hours.
    Ticket,
    /// Somebody is woken.
    Page,
}

/// Fires while the budget burns so fast that `budget_share` of it goes within the long window, in the long window and in
/// the short one. The short one ends the alert soon after the burning ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurnRule {
    /// The share of the budget, in millionths.
    pub budget_share_millionths: u32,
    /// Minutes of the long window.
    pub long_minutes: u32,
    /// Minutes of the short window.
    pub short_minutes: u32,
    /// What it is when it fires.
    pub severity: Severity,
}

/// An alert that would never fire, because even if everything fails the budget does not burn so fast.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "a burn rate above {factor} never happens with an objective of {objective}: it takes one above {needed_percent:.4} %"
)]
pub struct CannotFire {
    /// The burn rate.
    pub factor: f64,
    /// The objective.
    pub objective: Objective,
    /// From which objective on it could fire, in percent.
    pub needed_percent: f64,
}

impl BurnRule {
    /// The four rules that the Workbook recommends: 2 % in 1 h and 5 % in 6 h page, 10 % in 1 d and in 3 d make a ticket;
    /// the short windows are a twelfth of the long ones.
    pub const RECOMMENDED: [Self; 4] = [
        Self::new(20_000, 60, Severity::Page),
        Self::new(50_000, 6 * 60, Severity::Page),
        Self::new(100_000, 24 * 60, Severity::Ticket),
        Self::new(100_000, 3 * 24 * 60, Severity::Ticket),
    ];

    const fn new(budget_share_millionths: u32, long_minutes: u32, severity: Severity) -> Self {
        Self { budget_share_millionths, long_minutes, short_minutes: long_minutes / 12, severity }
    }

    /// How many times too fast the budget must burn: 14.4 for 2 % in 1 h of 30 d.
    pub fn factor(&self, period_minutes: u32) -> f64 {
        f64::from(self.budget_share_millionths) * f64::from(period_minutes)
            / f64::from(self.long_minutes)
            / MILLION as f64
    }

    /// The share of events that must fail, and a little more, for it to fire: the factor times what may fail. Rounded once,
    /// so that a decimal stays one: 0.0144 at 99.9 %.
    pub fn error_ratio(&self, objective: Objective, period_minutes: u32) -> f64 {
        let parts = u128::from(self.budget_share_millionths)
            * u128::from(period_minutes)
            * u128::from(objective.budget_parts());
        let whole = u128::from(self.long_minutes) * MILLION * u128::from(Objective::whole());
        let common = greatest_common_divisor(parts, whole).max(1);
        (parts / common) as f64 / (whole / common) as f64
    }

    /// Whether it can fire at all.
    ///
    /// # Errors
    /// When even failing everything would not burn fast enough.
    pub fn check(&self, objective: Objective, period_minutes: u32) -> Result<(), CannotFire> {
        let factor = self.factor(period_minutes);
        if factor * objective.budget_ratio() < 1.0 {
            return Ok(());
        }
        Err(CannotFire { factor, objective, needed_percent: (1.0 - 1.0 / factor) * 100.0 })
    }

    /// Whether it fires: both windows burn strictly faster than the factor, and at least `least_failures` failed in the
    /// long one.
    ///
    /// A window that is told of only in part counts what is missing as good, at the traffic of what is known: the alert
    /// is about the budget that is really gone, so minutes that nobody knows spend nothing.
    pub fn fires(
        &self,
        long: &Tally,
        short: &Tally,
        objective: Objective,
        period_minutes: u32,
        least_failures: u64,
    ) -> bool {
        long.counts.bad() >= least_failures.max(1)
            && self.burns(long, self.long_minutes, objective, period_minutes)
            && self.burns(short, self.short_minutes, objective, period_minutes)
    }

    /// Whether an alert that fires goes on: the long window still burns, and the short one does not say that it has ended.
    ///
    /// Here what is not known counts neither way: a minute that is late, or a service that fell silent while it burned,
    /// ends nothing. The long window does in the end, for minutes that nobody tells of count as good in it.
    pub fn goes_on(
        &self,
        long: &Tally,
        short: &Tally,
        objective: Objective,
        period_minutes: u32,
        least_failures: u64,
    ) -> bool {
        let short = match short.covered_minutes {
            0 => *long,
            _ => Tally { covered_minutes: u64::from(self.short_minutes), ..*short },
        };
        self.fires(long, &short, objective, period_minutes, least_failures)
    }

    /// `bad / (total * window / covered) > share * period / long * budget`, without dividing.
    fn burns(&self, tally: &Tally, window_minutes: u32, objective: Objective, period_minutes: u32) -> bool {
        let covered = u128::from(tally.covered_minutes.min(u64::from(window_minutes)));
        let left = [
            u128::from(tally.counts.bad()),
            covered,
            u128::from(self.long_minutes),
            MILLION * u128::from(Objective::whole()),
        ];
        let right = [
            u128::from(tally.counts.total()),
            u128::from(window_minutes),
            u128::from(self.budget_share_millionths) * u128::from(period_minutes),
            u128::from(objective.budget_parts()),
        ];
        let product = |factors: [u128; 4]| factors.into_iter().fold(1_u128, u128::saturating_mul);
        product(left) > product(right)
    }
}

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

impl Tally {
    /// The same as a rule sees it: minutes of the window that nobody told of count as good, at the traffic of the rest.
    pub fn burn_rate_within(&self, window_minutes: u32, objective: Objective) -> Option<f64> {
        let known = self.covered_minutes as f64 / f64::from(window_minutes.max(1));
        Some(self.burn_rate(objective)? * known.min(1.0))
    }

    /// How many times too fast the budget burns: 1 spends all of it by the end of its period. None without events.
    pub fn burn_rate(&self, objective: Objective) -> Option<f64> {
        let sli = self.counts.sli()?;
        Some((1.0 - sli) / objective.budget_ratio())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;

    const DAY: u32 = 24 * 60;

    fn objective(text: &str) -> Objective {
        text.parse().unwrap()
    }

    fn tally(bad: u64, total: u64, covered_minutes: u64) -> Tally {
        let counts = Counts::new(total - bad, total).unwrap();
        Tally { counts, events: counts, covered_minutes }
    }

    #[test]
    fn factors_are_those_of_the_workbook() {
        for (days, expected) in [(30, [14.4, 6.0, 3.0, 1.0]), (28, [13.44, 5.6, 2.8, 0.933_333_333])] {
            for (rule, factor) in BurnRule::RECOMMENDED.iter().zip(expected) {
                assert!((rule.factor(days * DAY) - factor).abs() < 1e-6, "{rule:?} {days}");
            }
        }
        let windows: Vec<_> =
            BurnRule::RECOMMENDED.iter().map(|rule| (rule.long_minutes, rule.short_minutes)).collect();
        assert_eq!(windows, [(60, 5), (360, 30), (1440, 120), (4320, 360)]);
    }

    #[test]
    fn the_share_that_must_fail_is_the_factor_of_what_may() {
        for (percent, expected) in
            [("99.9", [0.0144, 0.006, 0.003, 0.001]), ("99.95", [0.0072, 0.003, 0.0015, 0.0005])]
        {
            let ratios = BurnRule::RECOMMENDED.map(|rule| rule.error_ratio(objective(percent), 30 * DAY));
            assert_eq!(ratios, expected, "{percent}");
        }
    }

    #[test]
    fn an_alert_that_never_fires_is_refused_with_the_objective_it_takes() {
        let page = BurnRule::RECOMMENDED[0];
        assert_eq!(page.check(objective("93.06"), 30 * DAY), Ok(()));
        let refused = page.check(objective("93"), 30 * DAY).unwrap_err().to_string();
        assert!(
            refused.contains("14.4") && refused.contains("93 %") && refused.contains("93.0556 %"),
            "{refused}"
        );
    }

    #[test]
    fn it_fires_strictly_above_the_factor_and_in_both_windows() {
        let rule = BurnRule::RECOMMENDED[0];
        let fires = |long: Tally, short: Tally| rule.fires(&long, &short, objective("99.9"), 30 * DAY, 1);
        // 1.44 % of requests failing is a burn rate of exactly 14.4.
        let (exact, above) = (tally(144, 10_000, 60), tally(145, 10_000, 60));
        let (short_exact, short_above) = (tally(144, 10_000, 5), tally(145, 10_000, 5));
        assert!(fires(above, short_above));
        assert!(!fires(exact, short_above), "the long window is at the factor, not above");
        assert!(!fires(above, short_exact), "the short window is at the factor, not above");
        assert!(!fires(above, tally(0, 10_000, 5)), "it has ended");
    }

    /// Detection times of the Workbook, table 5-8: with every request failing at 99.9 % the page comes within a minute.
    #[test]
    fn an_outage_is_detected_as_fast_as_the_workbook_says() {
        let rule = BurnRule::RECOMMENDED[0];
        let minutes_until = |error_ratio: f64| {
            (1..=60).find(|minutes| {
                let bad = |of: u64| (f64::from(u32::try_from(of).unwrap()) * 100.0 * error_ratio) as u64;
                let long = tally(bad(*minutes), 6_000, 60);
                let short = tally(bad((*minutes).min(5)), 500, 5);
                rule.fires(&long, &short, objective("99.9"), 30 * DAY, 1)
            })
        };
        assert_eq!(minutes_until(1.0), Some(1));
        // 14.4 times the budget of 0.1 % over 60 min, at 10 % failing, are reached after 8.64 min.
        assert_eq!(minutes_until(0.1), Some(9));
        assert_eq!(minutes_until(0.014), None);
    }

    #[test]
    fn one_failure_at_night_pages_nobody() {
        let rule = BurnRule::RECOMMENDED[0];
        let (long, short) = (tally(1, 3, 60), tally(1, 1, 5));
        assert!(rule.fires(&long, &short, objective("99.9"), 30 * DAY, 1));
        assert!(!rule.fires(&long, &short, objective("99.9"), 30 * DAY, 5));
    }

    #[test]
    fn what_is_not_known_spends_nothing() {
        let rule = BurnRule::RECOMMENDED[0];
        let fires = |minutes| {
            let known = tally(20, 1_000, minutes);
            rule.fires(&known, &tally(20, 1_000, 5), objective("99.9"), 30 * DAY, 1)
        };
        // 2 % failing is a rate of 20, and of 10 in an hour of which half is known.
        assert!(fires(60) && !fires(30));
        assert!(!rule.fires(&tally(0, 0, 0), &tally(0, 0, 0), objective("99.9"), 30 * DAY, 0));
    }

    #[test]
    fn what_is_not_known_ends_nothing() {
        let rule = BurnRule::RECOMMENDED[0];
        let long = tally(200, 10_000, 60);
        for (short, fires, goes_on) in [
            (tally(20, 1_000, 5), true, true),
            (tally(12, 600, 3), false, true),
            (tally(0, 0, 0), false, true),
            // It told of itself, and that nobody asked anything of it.
            (tally(0, 0, 1), false, false),
            (tally(14, 1_000, 5), false, false),
        ] {
            let objective = objective("99.9");
            assert_eq!(rule.fires(&long, &short, objective, 30 * DAY, 5), fires, "{short:?}");
            assert_eq!(rule.goes_on(&long, &short, objective, 30 * DAY, 5), goes_on, "{short:?}");
        }
        assert!(!rule.goes_on(&tally(4, 200, 60), &tally(0, 0, 0), objective("99.9"), 30 * DAY, 5));
        assert!(!rule.goes_on(&tally(200, 10_000, 20), &tally(0, 0, 0), objective("99.9"), 30 * DAY, 5));
    }

    #[test]
    fn burn_rate_of_one_spends_exactly_the_budget() {
        assert!((tally(1, 1_000, 60).burn_rate(objective("99.9")).unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(tally(0, 0, 60).burn_rate(objective("99.9")), None);
    }
}
