//! The service's SLOs and their budgets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::StoredSlo;
use seaworthy_checklist::{Fact, MAX_ENTRIES, Source, Value};
use seaworthy_slo::{Severity, Sli, Slo, SloSpec};

use super::{Found, count, names, text};
use crate::{objectives::Standing, readiness::known::Known, web::link};

pub(super) fn add(known: &Known, found: &mut Found) {
    let slos = read(&known.slos);
    let pages = link::with_query("/slos", &[("service", &known.service)]);
    let fact = |value: Value, seen_at| Fact::new(value, seen_at, Source::Slo).link(pages.as_str());
    let of_kind = |kind: fn(&Sli) -> bool| slos.iter().filter(|(_, slo)| kind(&slo.sli)).count();
    found.add("availability_slos", fact(count(of_kind(is_availability)), known.now));
    found.add("latency_slos", fact(count(of_kind(is_latency)), known.now));
    budgets(known, &fact, found);
    if let Some(oldest) = known.slos.iter().map(|slo| slo.updated_at).min() {
        let days = known.now.duration_since(oldest).as_hours() / 24;
        found.add("oldest_slo_review_days", fact(Value::Int(days.max(0)), known.now));
    }
    let burn_rate = |kind: fn(&Sli) -> bool| {
        slos.iter().filter(|(_, slo)| kind(&slo.sli)).map(|(_, slo)| severities(slo)).sum()
    };
    for (name, alerts) in [
        ("availability_burn_rate_alerts", burn_rate(is_availability)),
        ("latency_burn_rate_alerts", burn_rate(is_latency)),
    ] {
        found.add(name, Fact::new(count(alerts), known.now, Source::Alert).link(pages.as_str()));
    }
}

/// The SLOs that can be evaluated.
pub(super) fn read(stored: &[StoredSlo]) -> Vec<(&StoredSlo, Slo)> {
    let read = |stored: &StoredSlo| {
        let spec: SloSpec = serde_json::from_str(&stored.definition.spec).ok()?;
        spec.check().ok()
    };
    stored.iter().filter_map(|stored| Some((stored, read(stored)?))).collect()
}

/// Of one SLO, an alert of each severity that its rules have.
pub(super) fn severities(slo: &Slo) -> usize {
    let has = |severity: &Severity| slo.rules.iter().any(|rule| rule.severity == *severity);
    [Severity::Page, Severity::Ticket].iter().filter(|severity| has(severity)).count()
}

/// What is left, if every SLO has been evaluated lately: of one that has not, nobody knows whether it has spent all.
fn budgets(known: &Known, fact: &impl Fn(Value, Timestamp) -> Fact, found: &mut Found) {
    let standings: Option<Vec<(&StoredSlo, Standing)>> =
        known.slos.iter().map(|slo| Some((slo, Standing::kept(slo, known.now)?))).collect();
    let Some(standings) = standings else { return };
    let seen_at = standings.iter().map(|(_, standing)| standing.as_of).min().unwrap_or(known.now);
    let left = || standings.iter().filter_map(|(slo, standing)| Some((&slo.name, standing.budget_left?)));
    let spent = left().filter(|(_, left)| *left <= 0.0).map(|(name, _)| name);
    found.add("slos_without_budget_left", fact(names(spent), seen_at));
    let left: BTreeMap<String, Value> =
        left().take(MAX_ENTRIES).map(|(name, left)| (text(name), Value::Float(left))).collect();
    found.add("slo_budget_left", fact(Value::Map(left), seen_at));
}

fn is_availability(sli: &Sli) -> bool {
    matches!(sli, Sli::Availability { .. })
}

fn is_latency(sli: &Sli) -> bool {
    matches!(sli, Sli::Latency { .. })
}
