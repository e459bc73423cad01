//! What instances say of themselves, and what follows from the builds that they report.

use super::{KnownFact, NAMES, Unit};
use crate::{Source, Type};

const fn fact(name: &'static str, kind: Type, label: &'static str, about: &'static str) -> KnownFact {
    KnownFact::of(Source::CheckIn, name, kind, label, about)
}

pub(super) const FACTS: &[KnownFact] = &[
    fact("instances", Type::Int, "instances", "How many instances check in."),
    fact("versions", NAMES, "versions", "The versions that instances report, the latest first."),
    fact("environments", NAMES, "environments", "The deployment environments that instances report."),
    fact(
        "instances_without_build_info",
        NAMES,
        "instances without version, commit or build time",
        "The instances that leave out their version, their commit or the time of their build.",
    ),
    fact(
        "instances_without_limits",
        NAMES,
        "instances without known limits",
        "The instances of which the CPU or the memory limit is not known.",
    ),
    fact(
        "instances_with_more_workers_than_cpus",
        NAMES,
        "instances with more workers than cores",
        "The instances whose runtime has more worker threads than their CPU quota has cores, rounded up.",
    ),
    fact(
        "instances_without_panic_capture",
        NAMES,
        "instances that do not capture panics",
        "The instances in which the agent's capture of panics is not installed.",
    ),
    fact(
        "instances_with_open_admin",
        NAMES,
        "instances with open admin endpoints",
        "The instances whose admin endpoints listen beyond loopback without asking for a token.",
    ),
    fact(
        "instances_run_by_root",
        NAMES,
        "instances run by root",
        "The instances whose process runs as user 0.",
    ),
    fact("health_checks", Type::Int, "health checks", "How many health checks are registered."),
    fact(
        "failing_health_checks",
        NAMES,
        "failing health checks",
        "The health checks that fail in any instance.",
    ),
    fact("dependencies", Type::Int, "dependencies", "How many services, databases and others it calls."),
    fact(
        "critical_dependencies",
        NAMES,
        "critical dependencies",
        "The dependencies whose health check is critical.",
    ),
    fact(
        "server_timeout",
        Type::Bool,
        "timeout of the server",
        "Whether the server ends requests that take too long.",
    )
    .not_by_agents(),
    fact(
        "dependencies_without_timeout",
        NAMES,
        "dependencies without a timeout",
        "The dependencies that are called without a timeout.",
    )
    .not_by_agents(),
    fact(
        "dependencies_without_breaker",
        NAMES,
        "dependencies without a circuit breaker",
        "The dependencies that are called without a circuit breaker.",
    )
    .not_by_agents(),
    fact(
        "public_routes_without_limiter",
        NAMES,
        "public routes without a limiter",
        "The public routes that no rate limiter of the service stands before.",
    )
    .not_by_agents(),
    fact("load_shedders", Type::Int, "load shedders", "How many load shedders are mounted.").not_by_agents(),
    fact("bulkheads", Type::Int, "bulkheads", "How many bulkheads are mounted.").not_by_agents(),
    fact(
        "kill_switches_evaluated",
        Type::Int,
        "kill switches in use",
        "How many feature flags that can be switched off were read; seen when one was read last.",
    )
    .not_by_agents(),
    fact(
        "liveness_asked",
        Type::Bool,
        "liveness probe",
        "Whether /livez was asked for in every instance; seen when the one that waits the longest was asked last.",
    ),
    fact(
        "readiness_asked",
        Type::Bool,
        "readiness probe",
        "Whether /readyz was asked for in every instance; seen when the one that waits the longest was asked last.",
    ),
    fact(
        "packages_in_build",
        Type::Int,
        "packages in the build",
        "How many packages the build lists with their versions.",
    )
    .not_by_agents(),
    fact(
        "advisories_in_build",
        NAMES,
        "advisories that match the build",
        "The advisories of the loaded database that match a package of the build.",
    )
    .not_by_agents(),
    fact(
        "deploys_90d",
        Type::Int,
        "deploys in 90 d",
        "How many deploys there were; seen when the latest was.",
    ),
    fact("latest_deploy_at", Type::Timestamp, "latest deploy", "When the latest deploy ended."),
    fact(
        "latest_deploy_minutes",
        Type::Float,
        "length of the latest deploy",
        "From the first instance of the new build to the last of the old; seen when it ended.",
    )
    .in_unit(Unit::Minutes),
    fact(
        "rollbacks_180d",
        Type::Int,
        "rollbacks in 180 d",
        "How often an older version was seen again; seen when the latest was.",
    ),
    fact("latest_rollback_at", Type::Timestamp, "latest rollback", "When the latest rollback ended."),
    fact(
        "latest_rollback_minutes",
        Type::Float,
        "length of the latest rollback",
        "From the first instance of the older build to the last of the newer; seen when it ended.",
    )
    .in_unit(Unit::Minutes),
    fact(
        "clean_drains_in_a_row",
        Type::Int,
        "shutdowns drained cleanly in a row",
        "How many of the latest shutdowns, counted back to the first that was not clean, aborted no request.",
    ),
];
