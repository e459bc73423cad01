//! What spans, metrics, logs and profiles show.

use super::{KnownFact, NAMES, Unit};
use crate::{Source, Type};

const fn fact(name: &'static str, kind: Type, label: &'static str, about: &'static str) -> KnownFact {
    KnownFact::of(Source::Telemetry, name, kind, label, about)
}

pub(super) const FACTS: &[KnownFact] = &[
    fact(
        "latency_received",
        Type::Bool,
        "latency",
        "Whether durations of requests were received; seen when last.",
    ),
    fact(
        "traffic_received",
        Type::Bool,
        "traffic",
        "Whether counts of requests were received; seen when last.",
    ),
    fact(
        "errors_received",
        Type::Bool,
        "errors",
        "Whether requests are told apart by success and failure; seen when the latest of either was received.",
    ),
    fact(
        "saturation_received",
        Type::Bool,
        "saturation",
        "Whether the use of CPU or memory was received; seen when last.",
    ),
    fact("requests_24h", Type::Int, "requests in 24 h", "How many requests it has answered."),
    fact("error_share_24h", Type::Float, "failed requests in 24 h", "The share of requests that failed.")
        .in_unit(Unit::Share),
    fact(
        "p50_24h",
        Type::Duration,
        "p50 of 24 h",
        "The duration within which half of the requests were answered.",
    ),
    fact(
        "p95_24h",
        Type::Duration,
        "p95 of 24 h",
        "The duration within which 95 % of the requests were answered.",
    ),
    fact(
        "p99_24h",
        Type::Duration,
        "p99 of 24 h",
        "The duration within which 99 % of the requests were answered.",
    ),
    fact(
        "route_p99_24h",
        Type::Map(&Type::Duration),
        "p99 of 24 h by route",
        "The duration within which 99 % of the requests of each route were answered.",
    ),
    fact(
        "routes_without_percentiles",
        NAMES,
        "routes without percentiles",
        "The routes of 24 h whose durations are not known as a histogram or from spans.",
    ),
    fact(
        "peak_requests_per_second_7d",
        Type::Float,
        "peak rate of 7 d",
        "The highest rate of requests of any minute.",
    )
    .in_unit(Unit::RequestsPerSecond),
    fact(
        "request_trace_id_share_24h",
        Type::Float,
        "requests with a trace id in 24 h",
        "The share of requests that carried a trace id.",
    )
    .in_unit(Unit::Share),
    fact(
        "spans_with_remote_parent",
        Type::Int,
        "spans with a parent in another service",
        "How many spans of 24 h continue a trace that began elsewhere.",
    ),
    fact(
        "spans_with_remote_children",
        Type::Int,
        "spans with a child in another service",
        "How many spans of 24 h are continued elsewhere.",
    ),
    fact(
        "log_line_request_id_share_24h",
        Type::Float,
        "lines within requests with a request id in 24 h",
        "The share of log lines written inside a request that carried its id.",
    )
    .in_unit(Unit::Share),
    fact(
        "debug_lines_in_production_24h",
        Type::Int,
        "debug lines from production in 24 h",
        "How many lines of level DEBUG or TRACE came from instances of environment production, or prod.",
    ),
    fact(
        "log_records_24h",
        Type::Int,
        "log records in 24 h",
        "How many log records were received, and can be searched.",
    ),
    fact(
        "log_record_trace_id_share_24h",
        Type::Float,
        "log records with a trace id in 24 h",
        "The share of log records that lead to their trace; lines outside of requests have none.",
    )
    .in_unit(Unit::Share),
    fact(
        "errors_to_see_to",
        Type::Int,
        "errors to see to",
        "How many kinds of errors are neither resolved nor muted.",
    ),
    fact(
        "errors_left_alone_7d",
        NAMES,
        "errors left alone for 7 d",
        "The kinds of errors that came within 7 days and that nobody has resolved or muted for as long.",
    ),
    fact(
        "profile_kinds",
        NAMES,
        "kinds of profiles",
        "The kinds of profiles captured of a build: cpu, heap, tasks; seen when the latest was.",
    ),
    fact(
        "cpu_use_share",
        Type::Float,
        "CPU in use",
        "The share of its CPU limit that the fullest instance uses.",
    )
    .in_unit(Unit::Share),
    fact(
        "memory_use_share",
        Type::Float,
        "memory in use",
        "The share of its memory limit that the fullest instance uses.",
    )
    .in_unit(Unit::Share),
    fact(
        "resources_running_out_30d",
        NAMES,
        "resources that run out within 30 d",
        "The resources whose trend reaches their limit within 30 days.",
    ),
    fact(
        "uptime_probe_ran",
        Type::Bool,
        "probe of the service's URL",
        "Whether the latest of the portal's own probes of the service's URL was answered; seen when it asked.",
    ),
];
