//! Which metric tells of the requests that a service answers.

use std::collections::BTreeMap;

use seaworthy_telemetry::{
    metric::Series,
    model::{Attributes, SpanMinute, UnixNanos},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::traffic::{Outcome, Route, Traffic};
use crate::attributes;

/// Where figures of requests come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// `http.server.request.duration`, in seconds.
    HttpServer,
    /// `http.server.duration`, in milliseconds: what SDKs sent before 2023.
    HttpServerBefore,
    /// `rpc.server.duration`, in milliseconds.
    RpcServer,
    /// Server and consumer spans, for services that send no such metric. Where traces are sampled they show a share.
    Spans,
}

impl Source {
    /// The metrics, preferred ones first.
    pub(crate) const METRICS: [Self; 3] = [Self::HttpServer, Self::HttpServerBefore, Self::RpcServer];

    /// The metric's name; none for spans.
    pub(crate) const fn metric(self) -> Option<&'static str> {
        match self {
            Self::HttpServer => Some("http.server.request.duration"),
            Self::HttpServerBefore => Some("http.server.duration"),
            Self::RpcServer => Some("rpc.server.duration"),
            Self::Spans => None,
        }
    }

    /// Seconds in the unit of its durations.
    pub(crate) const fn unit_in_seconds(self) -> f64 {
        match self {
            Self::HttpServer | Self::Spans => 1.0,
            Self::HttpServerBefore | Self::RpcServer => 0.001,
        }
    }

    /// The preferred source that these series hold, if any.
    pub(crate) fn among(series: &[Series]) -> Option<Self> {
        Self::METRICS.into_iter().find(|source| series.iter().any(|series| source.has(series)))
    }

    /// Whether a series is of this source.
    pub(crate) fn has(self, series: &Series) -> bool {
        self.metric() == Some(series.name.as_str())
    }

    /// Traffic by step of time, of those series that this source is of.
    pub(crate) fn by_time(self, series: &[Series]) -> BTreeMap<UnixNanos, Traffic> {
        let mut steps: BTreeMap<UnixNanos, Traffic> = BTreeMap::new();
        for series in series.iter().filter(|series| self.has(series)) {
            let outcome = outcome(&series.attributes);
            for cell in &series.cells {
                let step = steps.entry(cell.at).or_insert_with(|| self.nothing());
                step.add(&cell.value, outcome);
            }
        }
        steps
    }

    /// Traffic by route, over all steps.
    pub(crate) fn by_route(self, series: &[Series]) -> BTreeMap<Route, Traffic> {
        let mut routes: BTreeMap<Route, Traffic> = BTreeMap::new();
        for series in series.iter().filter(|series| self.has(series)) {
            let outcome = outcome(&series.attributes);
            let route = routes.entry(Route::of(&series.attributes)).or_insert_with(|| self.nothing());
            for cell in &series.cells {
                route.add(&cell.value, outcome);
            }
        }
        routes
    }

    pub(crate) fn nothing(self) -> Traffic {
        Traffic::nothing(self.unit_in_seconds())
    }
}

/// Traffic by step of time, as spans tell.
pub(crate) fn of_spans(minutes: &[SpanMinute], step: UnixNanos) -> BTreeMap<UnixNanos, Traffic> {
    let mut steps: BTreeMap<UnixNanos, Traffic> = BTreeMap::new();
    for minute in minutes {
        steps
            .entry(minute.minute - minute.minute % step)
            .or_insert_with(|| Source::Spans.nothing())
            .add_spans(minute);
    }
    steps
}

/// For a server only its own failures are errors: 5xx, or a failure without any status.
fn outcome(attributes: &Attributes) -> Outcome {
    match status(attributes) {
        Some(500..) => Outcome::Failed,
        Some(400..500) => Outcome::Refused,
        None if failed_without_answer(attributes) => Outcome::Failed,
        _ => Outcome::Answered,
    }
}

/// The status that was answered.
pub(crate) fn status(attributes: &Attributes) -> Option<u16> {
    attributes::text(attributes, &["http.response.status_code", "http.status_code"])?.parse().ok()
}

/// Whether these attributes tell how a request ended.
pub(crate) fn tells_outcome(attributes: &Attributes) -> bool {
    const NAMES: [&str; 5] = [
        "http.response.status_code",
        "http.status_code",
        "rpc.grpc.status_code",
        "rpc.response.status_code",
        "error.type",
    ];
    attributes::text(attributes, &NAMES).is_some()
}

/// Whether a request failed and no HTTP status tells so.
pub(crate) fn failed_without_answer(attributes: &Attributes) -> bool {
    if let Some(status) = attributes::text(attributes, &["rpc.grpc.status_code", "rpc.response.status_code"])
    {
        return !matches!(&*status, "0" | "OK");
    }
    // A client that went away is no failure of the server.
    attributes::text(attributes, &["error.type"]).is_some_and(|kind| kind != "cancelled")
}
