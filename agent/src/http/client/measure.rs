//! What all outgoing requests of one agent have in common.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    http::small_cache::SmallCache,
    mask::Mask,
    metrics::{Attributes, Histogram, Metric, Registry},
};

/// Servers that are remembered; a guard against clients that go everywhere.
const MAX_TARGETS: usize = 1_000;

/// The metrics of the outgoing requests of one agent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    duration: Metric<Histogram>,
    targets: RwLock<HashMap<Box<str>, Arc<Target>>>,
    /// What is kept secret of URLs.
    pub(crate) mask: Arc<Mask>,
}

/// A server that is called, and its series.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) host: Box<str>,
    pub(crate) port: Option<u16>,
    durations: SmallCache<Outcome, Histogram>,
}

/// What the duration of a call is told apart by, besides its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) method: &'static str,
    pub(crate) status: Option<u16>,
    /// Why there is no answer.
    pub(crate) failure: Option<&'static str>,
}

impl Outcome {
    /// `error.type`. To a client every 4xx and 5xx is an error.
    pub(crate) fn error_type(&self) -> Option<String> {
        let by_status = || self.status.filter(|status| *status >= 400).map(|status| status.to_string());
        self.failure.map(str::to_owned).or_else(by_status)
    }
}

impl Outgoing {
    pub(crate) fn new(registry: &Registry, mask: Arc<Mask>) -> Self {
        let duration =
            registry.histogram("http.client.request.duration", "s", "Duration of HTTP client requests.");
        Self { duration, targets: RwLock::default(), mask }
    }

    pub(crate) fn record(&self, target: &Target, outcome: Outcome, seconds: f64) {
        let make = || self.duration.series(attributes(target, outcome));
        target.durations.with(outcome, make, |durations| durations.record(seconds));
    }

    /// The server of this authority, `barista:8080`; the port may follow from the scheme.
    pub(crate) fn target(&self, authority: &str, host: &str, port: Option<u16>) -> Arc<Target> {
        let known = self.targets.read().unwrap_or_else(PoisonError::into_inner).get(authority).cloned();
        known.unwrap_or_else(|| {
            let target = Arc::new(Target { host: host.into(), port, durations: SmallCache::default() });
            let mut targets = self.targets.write().unwrap_or_else(PoisonError::into_inner);
            match targets.len() < MAX_TARGETS {
                true => Arc::clone(targets.entry(authority.into()).or_insert(target)),
                false => target,
            }
        })
    }
}

fn attributes(target: &Target, outcome: Outcome) -> Attributes {
    let mut attributes = Attributes::from([
        ("http.request.method", outcome.method.to_owned()),
        ("server.address", target.host.to_string()),
    ]);
    if let Some(port) = target.port {
        attributes = attributes.with("server.port", port);
    }
    if let Some(status) = outcome.status {
        attributes = attributes.with("http.response.status_code", status);
    }
    match outcome.error_type() {
        Some(error) => attributes.with("error.type", error),
        None => attributes,
    }
}
