//! What all requests to the servers of one agent have in common.

use std::{sync::Arc, time::Duration};

use http::HeaderName;

use super::routes::{Outcome, Route, Routes};
use crate::{
    drain::InFlight,
    mask::Mask,
    metrics::{Attributes, Histogram, Metric, Registry, UpDownCounter},
    now::Now,
};

/// The metrics of the servers of one agent.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) now: Arc<Now>,
    pub(crate) routes: Routes,
    /// Whoever sends it says that the request is a load test.
    pub(super) load_test_header: Option<HeaderName>,
    /// What is kept secret of URLs.
    pub(crate) mask: Arc<Mask>,
    duration: Metric<Histogram>,
    active: Metric<UpDownCounter>,
}

impl Server {
    pub(crate) fn new(
        registry: &Registry,
        in_flight: Arc<InFlight>,
        now: Arc<Now>,
        load_test_header: Option<HeaderName>,
        mask: Arc<Mask>,
    ) -> Self {
        let duration =
            registry.histogram("http.server.request.duration", "s", "Duration of HTTP server requests.");
        let active = registry.up_down_counter(
            "http.server.active_requests",
            "{request}",
            "HTTP server requests that have begun and not ended.",
        );
        Self { in_flight, now, routes: Routes::default(), load_test_header, mask, duration, active }
    }

    /// Counts a request as active, or (with -1) as active no more.
    pub(crate) fn add_active(&self, route: &Route, method: &'static str, scheme: &'static str, number: i64) {
        let make = || self.active.series(of_request(route, method, scheme));
        route.active.with((method, scheme), make, |active| active.add(number));
    }

    /// Records how long a request with this outcome took.
    pub(crate) fn record_duration(&self, route: &Route, outcome: Outcome, took: Duration) {
        let make = || {
            let mut attributes = of_request(route, outcome.method, outcome.scheme);
            if let Some(status) = outcome.status {
                attributes = attributes.with("http.response.status_code", status);
            }
            if let Some(error) = outcome.error_type() {
                attributes = attributes.with("error.type", error.into_owned());
            }
            if outcome.is_load_test {
                attributes = attributes.with("user_agent.synthetic.type", "test");
            }
            self.duration.series(attributes)
        };
        route.durations.with(outcome, make, |durations| durations.record(took.as_secs_f64()));
    }
}

fn of_request(route: &Route, method: &'static str, scheme: &'static str) -> Attributes {
    let attributes = Attributes::from([("http.request.method", method), ("url.scheme", scheme)]);
    match &route.name {
        Some(name) => attributes.with("http.route", name.to_string()),
        None => attributes,
    }
}
