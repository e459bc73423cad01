//! What all requests to the servers of one agent have in common.

use std::sync::Arc;

use http::{HeaderMap, HeaderName};

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
    load_test_header: Option<HeaderName>,
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

    /// Whether whoever sent a request says that it is a load test.
    pub(crate) fn is_load_test(&self, headers: &HeaderMap) -> bool {
        self.load_test_header.as_ref().is_some_and(|name| headers.contains_key(name))
    }

    /// Where requests of this kind are counted while they are active.
    pub(crate) fn active(&self, route: &Route, method: &'static str, scheme: &'static str) -> UpDownCounter {
        let make = || self.active.series(of_request(route, method, scheme));
        route.active.get((method, scheme), make)
    }

    /// Where the durations of requests with this outcome are recorded.
    pub(crate) fn duration(&self, route: &Route, outcome: Outcome) -> Histogram {
        route.durations.get(outcome, || {
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
        })
    }
}

fn of_request(route: &Route, method: &'static str, scheme: &'static str) -> Attributes {
    let attributes = Attributes::from([("http.request.method", method), ("url.scheme", scheme)]);
    match &route.name {
        Some(name) => attributes.with("http.route", name.to_string()),
        None => attributes,
    }
}
