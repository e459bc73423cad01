//! Every metric of the process: made once by name, read by the export and by `/metrics`.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use opentelemetry_proto::tonic::metrics::v1 as otlp;

use super::{
    Counter, Gauge, Histogram, Metric, UpDownCounter, exposition,
    family::{Collected, Limits},
    instrument::{Description, Instrument, Temporality},
    to_otlp::{Interval, to_otlp},
};
use crate::losses::Losses;

/// Series a metric may have unless the builder says otherwise.
pub(crate) const DEFAULT_SERIES_LIMIT: usize = 2_000;

/// Metrics a process may have: a guard against names that are made from data.
const MAX_METRICS: usize = 1_000;

/// Longest name that OpenTelemetry allows.
const MAX_NAME: usize = 255;

/// All metrics of one agent.
pub(crate) struct Registry {
    started: SystemTime,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    metrics: BTreeMap<String, AnyMetric>,
    observers: Vec<Arc<dyn Fn() + Send + Sync>>,
    last_delta: Option<SystemTime>,
}

#[derive(Clone)]
enum AnyMetric {
    Counter(Metric<Counter>),
    UpDownCounter(Metric<UpDownCounter>),
    Gauge(Metric<Gauge>),
    Histogram(Metric<Histogram>),
}

impl Registry {
    /// An empty registry of a process that started then.
    pub(crate) fn new(started: SystemTime, series_limit: usize, losses: Arc<Losses>) -> Self {
        Self { started, limits: Limits { series: series_limit, losses }, state: Mutex::default() }
    }

    pub(crate) fn counter(&self, name: &str, unit: &str, text: &str) -> Metric<Counter> {
        self.stepped_counter(name, unit, text, 1.0)
    }

    /// A counter that counts in steps of so much of its unit, for totals that are no whole number.
    pub(crate) fn stepped_counter(&self, name: &str, unit: &str, text: &str, step: f64) -> Metric<Counter> {
        self.metric(describe(name, unit, text, step), AnyMetric::Counter, |known| match known {
            AnyMetric::Counter(metric) => Some(metric),
            _ => None,
        })
    }

    pub(crate) fn up_down_counter(&self, name: &str, unit: &str, text: &str) -> Metric<UpDownCounter> {
        self.metric(describe(name, unit, text, 1.0), AnyMetric::UpDownCounter, |known| match known {
            AnyMetric::UpDownCounter(metric) => Some(metric),
            _ => None,
        })
    }

    pub(crate) fn gauge(&self, name: &str, unit: &str, text: &str) -> Metric<Gauge> {
        self.metric(describe(name, unit, text, 1.0), AnyMetric::Gauge, |known| match known {
            AnyMetric::Gauge(metric) => Some(metric),
            _ => None,
        })
    }

    pub(crate) fn histogram(&self, name: &str, unit: &str, text: &str) -> Metric<Histogram> {
        self.metric(describe(name, unit, text, 1.0), AnyMetric::Histogram, |known| match known {
            AnyMetric::Histogram(metric) => Some(metric),
            _ => None,
        })
    }

    /// Runs before every reading, to set what is measured by looking rather than by counting.
    pub(crate) fn before_reading(&self, observer: impl Fn() + Send + Sync + 'static) {
        self.lock().observers.push(Arc::new(observer));
    }

    /// Reads every metric for OTLP. A delta is told once: the caller must deliver it, or count it as lost.
    pub(crate) fn collect(&self, temporality: Temporality, now: SystemTime) -> Vec<otlp::Metric> {
        self.observe();
        let mut state = self.lock();
        let previous = match temporality {
            Temporality::Cumulative => None,
            Temporality::Delta => state.last_delta.replace(now),
        };
        drop(state);
        let interval = Interval::new(self.started, previous.unwrap_or(self.started), now);
        let collected = self.every_metric().into_iter().map(|metric| metric.collect(temporality));
        collected.filter_map(|metric| to_otlp(metric, temporality, interval)).collect()
    }

    /// Every metric in Prometheus' text format, and `target_info` with these attributes of the resource.
    pub(crate) fn exposition(&self, resource: &[(String, String)]) -> String {
        self.observe();
        let collected =
            self.every_metric().iter().map(|metric| metric.collect(Temporality::Cumulative)).collect();
        exposition::render(collected, resource)
    }

    /// The metric of that name; one that nobody reads where the name is unfit or means something else already:
    /// the host must not break over a name.
    fn metric<I: Instrument>(
        &self,
        description: Description,
        wrap: fn(Metric<I>) -> AnyMetric,
        unwrap: fn(&AnyMetric) -> Option<&Metric<I>>,
    ) -> Metric<I> {
        let mut state = self.lock();
        let metric = Metric::new(description, self.limits.clone());
        let Description { name, unit, .. } = metric.description();
        let reason = match state.metrics.get(name) {
            Some(known) => match unwrap(known) {
                Some(known) if known.description().unit == *unit => return known.clone(),
                _ => "is already in use with another kind or unit",
            },
            None if !is_valid_name(name) => {
                "must be a letter followed by at most 254 letters, digits or `_.-/`"
            }
            None if state.metrics.len() >= MAX_METRICS => {
                "is one metric too many; use attributes instead of names"
            }
            None => {
                state.metrics.insert(name.clone(), wrap(metric.clone()));
                return metric;
            }
        };
        tracing::warn!(target: "seaworthy", "metric name `{name}` {reason}: it will not be exported");
        metric
    }

    /// A copy, because whoever makes a metric must not wait until all are read.
    fn every_metric(&self) -> Vec<AnyMetric> {
        self.lock().metrics.values().cloned().collect()
    }

    fn observe(&self) {
        let observers = self.lock().observers.clone();
        observers.iter().for_each(|observe| observe());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("metrics", &self.lock().metrics.keys()).finish_non_exhaustive()
    }
}

impl AnyMetric {
    fn collect(&self, temporality: Temporality) -> Collected {
        match self {
            Self::Counter(metric) => metric.collect(temporality),
            Self::UpDownCounter(metric) => metric.collect(temporality),
            Self::Gauge(metric) => metric.collect(temporality),
            Self::Histogram(metric) => metric.collect(temporality),
        }
    }
}

fn describe(name: &str, unit: &str, text: &str, step: f64) -> Description {
    Description { name: name.to_owned(), unit: unit.to_owned(), text: text.to_owned(), step }
}

/// OpenTelemetry's rule for names of instruments.
fn is_valid_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    name.len() <= MAX_NAME && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fits)
}
