//! What people have recorded: runbooks, gamedays, load tests, incidents; and the verdicts of other services.

use super::{KnownFact, NAMES, Unit};
use crate::{Source, Type};

const fn fact(name: &'static str, kind: Type, label: &'static str, about: &'static str) -> KnownFact {
    KnownFact::of(Source::Record, name, kind, label, about)
}

pub(super) const FACTS: &[KnownFact] = &[
    fact("incidents_90d", Type::Int, "incidents in 90 d", "How many incidents there were."),
    fact("open_incidents", NAMES, "open incidents", "The incidents that are not resolved."),
    fact(
        "incidents_detected_by_alert_share_90d",
        Type::Float,
        "incidents found by an alert in 90 d",
        "The share of incidents that an alert found before a user did.",
    )
    .in_unit(Unit::Share),
    fact(
        "capacity_requests_per_second",
        Type::Float,
        "highest rate within SLO",
        "The highest rate at which the latest load test held the SLOs; seen when it ran, on the build that it ran on.",
    )
    .in_unit(Unit::RequestsPerSecond),
    fact(
        "gameday_scenarios",
        Type::Int,
        "scenarios of the latest gameday",
        "How many scenarios the latest gameday had, each with what was expected; seen on its day.",
    ),
    fact(
        "gameday_scenarios_without_result",
        Type::Int,
        "scenarios without a result",
        "Of how many scenarios of the latest gameday nobody has recorded what happened; seen on its day.",
    ),
    fact(
        "critical_dependencies_never_taken_away",
        NAMES,
        "critical dependencies never taken away",
        "The critical dependencies that no gameday has taken away.",
    ),
    fact(
        "oldest_open_gameday_ticket_days",
        Type::Int,
        "oldest open ticket of a gameday",
        "For how many days the oldest open ticket of a gameday has been open; 0 where none is.",
    )
    .in_unit(Unit::Days),
    fact("runbooks", Type::Int, "runbooks", "How many runbooks the service has."),
    fact(
        "oldest_runbook_review_days",
        Type::Int,
        "oldest review of a runbook",
        "How many days ago the runbook was reviewed, or written, whose latest review is the longest ago.",
    )
    .in_unit(Unit::Days),
    fact(
        "runbook_runs",
        Type::Int,
        "runs of a runbook",
        "How often a runbook was followed in an incident or a gameday; seen when it was last.",
    ),
    fact(
        "dependencies_below_level",
        NAMES,
        "dependencies below this service's level",
        "The dependencies that are services here and have a lower level than this service.",
    ),
    fact(
        "on_call_without_drill_180d",
        NAMES,
        "on-call members without a drill in 180 d",
        "The on-call members who took part in no gameday and no incident.",
    ),
];
