//! What the pages of an SLO are drawn from: its minutes, and the time that does not count.

use std::ops::Range;

use jiff::Timestamp;
use seaworthy_catalog::StoredSlo;
use seaworthy_slo::{Budget, Coverage, Exclusions, Ledger, Minute, Slo, Tally};

use super::{WORST, WorstMinute};
use crate::{
    objectives::{
        exclusions::{self, ExcludedTime},
        ledger,
        standing::{Standing, longest_window},
    },
    problem::Problem,
    state::App,
};

/// An SLO and all that is known of it.
pub(super) struct Figures<'s> {
    pub(super) slo: &'s Slo,
    pub(super) ledger: Ledger,
    /// The time in which it counts.
    pub(super) window: Range<Minute>,
    pub(super) now: Timestamp,
    /// The first minute that has not been evaluated.
    pub(super) end: Minute,
    /// What does not count, in the window or before.
    pub(super) excluded: Vec<ExcludedTime>,
    pub(super) exclusions: Exclusions,
}

impl<'s> Figures<'s> {
    pub(super) async fn load(app: &App, stored: &StoredSlo, slo: &'s Slo) -> Result<Self, Problem> {
        let now = app.clock().now();
        let window = slo.period.range(now);
        let longest = longest_window(&slo.rules);
        let from = window.start.min(Minute(Minute::of(now).0 - i64::from(longest)));
        let ledger = ledger(app, stored, slo.budgeting, from).await?;
        let excluded = exclusions::of_service(app, &stored.definition.service, from..window.end).await?;
        let end = stored.evaluated_to.map_or(Minute::of(now), Minute);
        let exclusions = exclusions::minutes(&excluded);
        Ok(Self { slo, ledger, window, now, end, excluded, exclusions })
    }

    pub(super) fn budget(&self) -> Budget {
        Budget::of(&self.ledger, self.window.clone(), self.slo.objective, &self.exclusions)
    }

    /// How it stands in this version.
    pub(super) fn standing(&self, version: i64) -> Standing {
        Standing::of((self.slo, version), &self.ledger, &self.exclusions, self.end, self.now)
    }

    /// What is known of the last so many minutes.
    pub(super) fn last(&self, minutes: u32) -> Tally {
        self.ledger.tally(Minute(self.end.0 - i64::from(minutes))..self.end, &self.exclusions)
    }

    /// Of the window's minutes so far.
    pub(super) fn coverage_so_far(&self) -> Coverage {
        let until = self.window.end.min(Minute::of(self.now));
        self.ledger.coverage(self.window.start..until, &self.exclusions)
    }

    pub(super) fn worst_minutes(&self) -> Vec<WorstMinute> {
        let worst = self.ledger.worst(self.window.clone(), &self.exclusions, WORST).into_iter();
        worst
            .map(|(minute, counts)| WorstMinute {
                at: minute.begins(),
                bad: counts.bad(),
                total: counts.total(),
            })
            .collect()
    }
}
