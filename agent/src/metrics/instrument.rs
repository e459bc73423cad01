//! The instruments: handles that a service holds and records with.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed},
};

use super::distribution::Distribution;

/// What a metric measures with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    UpDownCounter,
    Gauge,
    Histogram,
}

/// Name, unit and meaning of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// As OpenTelemetry names it: `http.server.request.duration`.
    pub(crate) name: String,
    /// As UCUM writes it: `s`, `By`, `{request}`.
    pub(crate) unit: String,
    pub(crate) text: String,
    /// How much of the unit one step of a counter is.
    pub(crate) step: f64,
}

/// How a reading relates to the one before, as OTLP defines it.
///
/// As with OpenTelemetry's `delta` preference, up-down counters are cumulative in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Temporality {
    /// What happened since the last delta reading. Each happening is in exactly one.
    #[default]
    Delta,
    /// What happened since the process started.
    Cumulative,
}

/// What an instrument says when it is read.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    Whole(i64),
    Real(f64),
    Distribution(Box<Distribution>),
}

/// A kind of instrument. Sealed: the four kinds of this crate are all there are.
pub trait Instrument: private::Instrument {}

pub(crate) mod private {
    use super::{Description, Kind, Reading, Temporality};

    /// What the registry asks of an instrument.
    pub trait Instrument: Clone + Send + Sync + 'static {
        const KIND: Kind;
        fn create(description: &Description) -> Self;
        /// None where there is nothing to tell.
        fn read(&self, temporality: Temporality) -> Option<Reading>;
    }
}

/// Counts what only ever grows. A handle to one series: clones count into the same.
#[derive(Clone, Debug)]
pub struct Counter(Arc<CounterCell>);

#[derive(Debug)]
struct CounterCell {
    total: AtomicU64,
    /// How much of `total` was given away by delta readings.
    told: AtomicU64,
    step: f64,
}

impl Counter {
    /// Adds so many. Takes nanoseconds and never waits.
    pub fn add(&self, count: u64) {
        self.0.total.fetch_add(count, Relaxed);
    }

    /// Moves on to a total that was counted elsewhere; a smaller one changes nothing.
    pub(crate) fn advance_to(&self, total: u64) {
        self.0.total.fetch_max(total, Relaxed);
    }
}

impl Instrument for Counter {}
impl private::Instrument for Counter {
    const KIND: Kind = Kind::Counter;

    fn create(description: &Description) -> Self {
        let (total, told) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(CounterCell { total, told, step: description.step }))
    }

    fn read(&self, temporality: Temporality) -> Option<Reading> {
        let total = self.0.total.load(Relaxed);
        let count = match temporality {
            Temporality::Cumulative => total,
            Temporality::Delta => match total.saturating_sub(self.0.told.swap(total, Relaxed)) {
                0 => return None,
                grown => grown,
            },
        };
        Some(match self.0.step == 1.0 {
            true => Reading::Whole(i64::try_from(count).unwrap_or(i64::MAX)),
            false => Reading::Real(count as f64 * self.0.step),
        })
    }
}

/// Counts what comes and goes. A handle to one series: clones count into the same.
#[derive(Clone, Debug)]
pub struct UpDownCounter(Arc<AtomicI64>);

impl UpDownCounter {
    /// Adds so many; a negative number takes away.
    pub fn add(&self, count: i64) {
        self.0.fetch_add(count, Relaxed);
    }

    /// Sets what was counted elsewhere.
    pub(crate) fn set(&self, value: i64) {
        self.0.store(value, Relaxed);
    }
}

impl Instrument for UpDownCounter {}
impl private::Instrument for UpDownCounter {
    const KIND: Kind = Kind::UpDownCounter;

    fn create(_: &Description) -> Self {
        Self(Arc::default())
    }

    fn read(&self, _: Temporality) -> Option<Reading> {
        Some(Reading::Whole(self.0.load(Relaxed)))
    }
}

/// Shows a value that is what it is. A handle to one series: clones show the same.
#[derive(Clone, Debug)]
pub struct Gauge(Arc<GaugeCell>);

#[derive(Debug, Default)]
struct GaugeCell {
    bits: AtomicU64,
    is_set: AtomicBool,
}

impl Gauge {
    /// Sets the value, in the metric's unit.
    pub fn set(&self, value: f64) {
        self.0.bits.store(value.to_bits(), Relaxed);
        self.0.is_set.store(true, Relaxed);
    }
}

impl Instrument for Gauge {}
impl private::Instrument for Gauge {
    const KIND: Kind = Kind::Gauge;

    fn create(_: &Description) -> Self {
        Self(Arc::default())
    }

    fn read(&self, _: Temporality) -> Option<Reading> {
        let value = || f64::from_bits(self.0.bits.load(Relaxed));
        self.0.is_set.load(Relaxed).then(|| Reading::Real(value()))
    }
}
