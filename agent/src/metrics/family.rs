//! A metric and its series.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use foldhash::fast::RandomState;
use seaworthy_protocol::{LossReason, Signal};

use super::{
    attributes::Attributes,
    instrument::{Description, Instrument, Kind, Reading, Temporality},
};
use crate::losses::Losses;

/// Marks the one series that takes what is beyond the limit. The name is OpenTelemetry's.
const OVERFLOW: &str = "otel.metric.overflow";

/// A metric of the service's own: a family of series that differ in their attributes.
///
/// Get the series once, hold it, and record with it: looking it up costs more than recording.
/// A metric has a limited number of series. What is beyond it is recorded in one series with the attribute
/// `otel.metric.overflow`, and counted as a loss.
#[derive(Debug)]
pub struct Metric<I>(Arc<Family<I>>);

impl<I> Clone for Metric<I> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<I: Instrument> Metric<I> {
    /// The series with these attributes; the same one for the same attributes.
    pub fn series(&self, attributes: impl Into<Attributes>) -> I {
        self.0.series(attributes.into())
    }

    pub(crate) fn new(description: Description, limits: Limits) -> Self {
        Self(Arc::new(Family { description, limits, series: RwLock::default(), overflow: OnceLock::new() }))
    }

    pub(crate) fn description(&self) -> &Description {
        &self.0.description
    }

    /// Every series that has something to tell.
    pub(crate) fn collect(&self, temporality: Temporality) -> Collected {
        let read = |(attributes, series): (Attributes, I)| Some((attributes, series.read(temporality)?));
        let series = self.every_series().into_iter().filter_map(read).collect();
        Collected { description: self.0.description.clone(), kind: I::KIND, series }
    }

    /// A copy, because whoever waits for a new series must not wait until all are read.
    fn every_series(&self) -> Vec<(Attributes, I)> {
        let overflow =
            self.0.overflow.get().map(|series| (Attributes::from([(OVERFLOW, true)]), series.clone()));
        let series = self.0.series.read().unwrap_or_else(PoisonError::into_inner);
        let series = series.iter().map(|(attributes, series)| (attributes.clone(), series.clone()));
        series.chain(overflow).collect()
    }
}

/// How many series a metric may have, and where it is counted that they were not enough.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) series: usize,
    pub(crate) losses: Arc<Losses>,
}

#[derive(Debug)]
struct Family<I> {
    description: Description,
    limits: Limits,
    /// There are few, so nobody can make much of keys that collide.
    series: RwLock<HashMap<Attributes, I, RandomState>>,
    overflow: OnceLock<I>,
}

impl<I: Instrument> Family<I> {
    fn series(&self, attributes: Attributes) -> I {
        let known = self.series.read().unwrap_or_else(PoisonError::into_inner).get(&attributes).cloned();
        known.unwrap_or_else(|| self.add_series(attributes))
    }

    fn add_series(&self, attributes: Attributes) -> I {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if series.len() >= self.limits.series && !series.contains_key(&attributes) {
            self.limits.losses.add(Signal::Metrics, LossReason::Limit, 1);
            return self.overflow.get_or_init(|| I::create(&self.description)).clone();
        }
        series.entry(attributes).or_insert_with(|| I::create(&self.description)).clone()
    }
}

/// A metric as it was read, whatever its kind.
#[derive(Debug)]
pub(crate) struct Collected {
    pub(crate) description: Description,
    pub(crate) kind: Kind,
    pub(crate) series: Vec<(Attributes, Reading)>,
}
