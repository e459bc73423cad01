//! How a service did before, during and after a scenario, by the minutes that are kept of its SLOs.
//!
//! Before and after are as long as the scenario itself, but 10 minutes at least and an hour at most. Minutes that people have
//! taken out of the budgets count here: what happened in a gameday is what one wants to see.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::StoredSlo;
use seaworthy_records::Scenario;
use seaworthy_slo::{Exclusions, Ledger, Minute, Slo, SloSpec};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{objectives::ledger, problem::Problem, state::App};

const LEAST: SignedDuration = SignedDuration::from_mins(10);
const MOST: SignedDuration = SignedDuration::from_hours(1);

/// How an SLO did around a scenario.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SliView {
    /// The SLO.
    pub(crate) slo: String,
    /// What it asks, in percent.
    pub(crate) objective: String,
    /// The same as a number.
    pub(crate) objective_percent: f64,
    /// Before it began.
    pub(crate) before: Part,
    /// While it was on; up to now where it has not ended.
    pub(crate) during: Part,
    /// After it ended; none while it is on.
    pub(crate) after: Option<Part>,
}

/// An SLI over some time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Part {
    /// Its first minute.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// The first that is not in it any more.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// The share that was good; none without events.
    pub(crate) sli: Option<f64>,
    /// Of so many events.
    pub(crate) events: u64,
    /// The minutes of it that were told of.
    pub(crate) known_minutes: u64,
    /// Whether it is less than the SLO asks; none without events.
    pub(crate) below_objective: Option<bool>,
}

/// The SLOs of a service with all that is known from the beginning of the earliest scenario on.
pub(super) struct Slos(Vec<(String, Slo, f64, Ledger)>);

impl Slos {
    pub(super) async fn load(app: &App, service: &str, scenarios: &[Scenario]) -> Result<Self, Problem> {
        let earliest = scenarios.iter().filter_map(|scenario| scenario.started_at).min();
        let Some(earliest) = earliest.filter(|_| !service.is_empty()) else { return Ok(Self(Vec::new())) };
        let mut slos = Vec::new();
        for stored in app.catalog().slos().await?.iter().filter(|slo| slo.definition.service == service) {
            let Some((spec, slo)) = read(stored) else { continue };
            let ledger = ledger(app, stored, slo.budgeting, Minute::of(earliest - MOST)).await?;
            slos.push((stored.name.clone(), slo, spec.objective_percent, ledger));
        }
        Ok(Self(slos))
    }

    /// Around one scenario; nothing where it has not begun.
    pub(super) fn around(&self, scenario: &Scenario, now: Timestamp) -> Vec<SliView> {
        let Some(started_at) = scenario.started_at else { return Vec::new() };
        let ended_at = scenario.ended_at.unwrap_or(now).max(started_at);
        let length = ended_at.duration_since(started_at).clamp(LEAST, MOST);
        // The minute in which it begins or ends belongs to it.
        let (begin, end) = (Minute::of(started_at), Minute::of(ended_at).next());
        let minutes = length.as_mins();
        let around = |(name, slo, objective_percent, ledger): &(String, Slo, f64, Ledger)| {
            let part = |from: Minute, to: Minute| Part::of(ledger, slo, from, to);
            SliView {
                slo: name.clone(),
                objective: slo.objective.to_string(),
                objective_percent: *objective_percent,
                before: part(Minute(begin.0 - minutes), begin),
                during: part(begin, end),
                after: scenario.ended_at.map(|_| part(end, Minute(end.0 + minutes))),
            }
        };
        self.0.iter().map(around).collect()
    }
}

fn read(stored: &StoredSlo) -> Option<(SloSpec, Slo)> {
    let spec: SloSpec = serde_json::from_str(&stored.definition.spec).ok()?;
    let slo = spec.check().ok()?;
    Some((spec, slo))
}

impl Part {
    fn of(ledger: &Ledger, slo: &Slo, from: Minute, to: Minute) -> Self {
        let tally = ledger.tally(from..to, &Exclusions::default());
        let sli = tally.events.sli();
        Self {
            from: from.begins(),
            to: to.begins(),
            sli,
            events: tally.events.total(),
            known_minutes: tally.covered_minutes,
            below_objective: sli.map(|sli| sli < slo.objective.ratio()),
        }
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_slo::Counts;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn before_and_after_are_as_long_as_the_scenario_within_bounds() {
        let spec: SloSpec = serde_json::from_value(serde_json::json!({
            "sli": {"kind": "availability"}, "objective_percent": 95.0, "window": {"kind": "rolling", "minutes": 43200},
        }))
        .unwrap();
        let slo = spec.check().unwrap();
        let mut ledger = Ledger::new(slo.budgeting);
        let begin = Minute::of(at("2026-11-20T12:00:00Z"));
        // Ten a minute: all good before, half of them while it is on, and nine of them after.
        for offset in -60..80 {
            let good = match offset {
                ..0 => 10,
                0..=20 => 5,
                _ => 9,
            };
            ledger.record(Minute(begin.0 + offset), Counts::new(good, 10).unwrap());
        }
        let slos = Slos(vec![("orders".into(), slo, 95.0, ledger)]);
        let mut scenario = Scenario {
            title: "Take away the database".into(),
            expected: "Orders are queued".into(),
            taken_away: None,
            started_at: Some(at("2026-11-20T12:00:30Z")),
            ended_at: Some(at("2026-11-20T12:20:30Z")),
            actual: String::new(),
            verdict: None,
        };
        let now = at("2026-11-20T13:00:00Z");
        let told = |part: &Part| (part.sli, part.events, part.below_objective);
        let view = &slos.around(&scenario, now)[0];
        assert_eq!(told(&view.before), (Some(1.0), 200, Some(false)));
        assert_eq!(told(&view.during), (Some(0.5), 210, Some(true)));
        assert_eq!(told(view.after.as_ref().unwrap()), (Some(0.9), 200, Some(true)));
        assert_eq!(
            (view.before.from, view.during.to),
            (at("2026-11-20T11:40:00Z"), at("2026-11-20T12:21:00Z"))
        );

        // A short one is compared with ten minutes; one that is on has nothing after it.
        scenario.ended_at = None;
        let view = &slos.around(&scenario, at("2026-11-20T12:02:00Z"))[0];
        assert_eq!((view.before.events, view.during.events, view.after.is_none()), (100, 30, true));
        scenario.started_at = None;
        assert!(slos.around(&scenario, now).is_empty());
    }
}
