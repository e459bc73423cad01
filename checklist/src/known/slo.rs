//! The service's SLOs, and the alerts upon them and upon others.

use super::{KnownFact, NAMES, Unit};
use crate::{Source, Type};

const fn slo(name: &'static str, kind: Type, label: &'static str, about: &'static str) -> KnownFact {
    KnownFact::of(Source::Slo, name, kind, label, about)
}

const fn alert(name: &'static str, kind: Type, label: &'static str, about: &'static str) -> KnownFact {
    KnownFact::of(Source::Alert, name, kind, label, about)
}

pub(super) const FACTS: &[KnownFact] = &[
    slo(
        "availability_slos",
        Type::Int,
        "availability SLOs",
        "How many SLOs are about requests that succeed.",
    ),
    slo("latency_slos", Type::Int, "latency SLOs", "How many SLOs are about requests that are fast enough."),
    slo(
        "slos_without_budget_left",
        NAMES,
        "SLOs without budget left",
        "The SLOs that have spent their whole error budget.",
    ),
    slo(
        "slo_budget_left",
        Type::Map(&Type::Float),
        "budget left",
        "The share of the error budget that each SLO has left; below 0.0 where it is overspent.",
    )
    .in_unit(Unit::Share),
    slo(
        "oldest_slo_review_days",
        Type::Int,
        "oldest review of an SLO",
        "How many days ago the SLO was reviewed, or made, whose latest review is the longest ago.",
    )
    .in_unit(Unit::Days),
    alert(
        "availability_alerts",
        Type::Int,
        "alerts on a silent service",
        "How many enabled alerts fire when no instance checks in or answers.",
    ),
    alert(
        "availability_burn_rate_alerts",
        Type::Int,
        "burn-rate alerts on availability",
        "How many burn-rate alerts on availability SLOs are enabled.",
    ),
    alert(
        "latency_burn_rate_alerts",
        Type::Int,
        "burn-rate alerts on latency",
        "How many burn-rate alerts on latency SLOs are enabled.",
    ),
    alert(
        "capacity_alerts",
        Type::Int,
        "alerts on capacity",
        "How many enabled alerts fire on memory, CPU or a rate before its limit is reached.",
    ),
    alert(
        "alerts_without_runbook",
        NAMES,
        "alerts without a runbook",
        "The enabled alerts that link no runbook.",
    ),
    alert("firing_alerts", NAMES, "firing alerts", "The alerts that fire now."),
    alert(
        "test_alert_acknowledged",
        Type::Bool,
        "test alert acknowledged",
        "Whether the latest test alert was delivered and acknowledged; seen when it was, or else when it was sent.",
    ),
];
