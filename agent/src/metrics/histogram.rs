//! The histogram: recorded on many threads at once, read by one now and then.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
};

use super::{
    distribution::Distribution,
    instrument::{Description, Instrument, Kind, Reading, Temporality, private},
};
use crate::threads::shard_of_this_thread;

/// OpenTelemetry's advice for durations of HTTP requests, in seconds.
const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The OpenTelemetry SDK's default for everything else.
const DEFAULT: &[f64] =
    &[0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1e3, 2.5e3, 5e3, 7.5e3, 1e4];

/// Threads beyond so many share a shard: more would cost memory and win little.
const MAX_SHARDS: usize = 4;

/// Counts values by size. A handle to one series: clones count into the same.
///
/// To the portal it goes with exponential buckets (a relative error of about 2 % over a range of 1:1000), to
/// Prometheus with OpenTelemetry's fixed bounds for the unit.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<HistogramCell>);

#[derive(Debug)]
struct HistogramCell {
    bounds: &'static [f64],
    /// A thread records into its own, so that the lock is nearly always free.
    shards: Box<[Shard]>,
    folded: Mutex<Folded>,
}

// On its own cache line, so that threads do not slow each other down.
#[repr(align(64))]
#[derive(Debug, Default)]
struct Shard(Mutex<Distribution>);

/// What was taken out of the shards.
#[derive(Debug, Default)]
struct Folded {
    total: Distribution,
    /// The part of `total` that no delta reading has told yet.
    untold: Distribution,
}

impl Histogram {
    /// Counts a value, in the metric's unit. Values that are negative or no number are ignored.
    pub fn record(&self, value: f64) {
        if value.is_finite() && value >= 0.0 {
            let shard = &self.0.shards[shard_of_this_thread(self.0.shards.len())];
            lock(&shard.0).record(value, self.0.bounds);
        }
    }

    /// Upper bounds of the fixed buckets.
    pub(crate) fn bounds(unit: &str) -> &'static [f64] {
        if unit == "s" { SECONDS } else { DEFAULT }
    }
}

impl HistogramCell {
    /// Moves what the shards hold to where readers look, each value once.
    fn fold(&self) -> MutexGuard<'_, Folded> {
        let mut folded = lock(&self.folded);
        for shard in &self.shards {
            let part = std::mem::take(&mut *lock(&shard.0));
            if part.count > 0 {
                folded.total.merge(&part);
                folded.untold.merge(&part);
            }
        }
        folded
    }
}

impl Instrument for Histogram {}
impl private::Instrument for Histogram {
    const KIND: Kind = Kind::Histogram;

    fn create(description: &Description) -> Self {
        let shards = available_parallelism().map_or(1, usize::from).min(MAX_SHARDS);
        Self(Arc::new(HistogramCell {
            bounds: Self::bounds(&description.unit),
            shards: (0..shards).map(|_| Shard::default()).collect(),
            folded: Mutex::default(),
        }))
    }

    fn read(&self, temporality: Temporality) -> Option<Reading> {
        let mut folded = self.0.fold();
        let counted = match temporality {
            Temporality::Cumulative => folded.total.clone(),
            Temporality::Delta => std::mem::take(&mut folded.untold),
        };
        (counted.count > 0).then(|| Reading::Distribution(Box::new(counted)))
    }
}

/// Nothing inside the locks can panic half-way, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{private::Instrument as _, *};

    fn seconds() -> Histogram {
        let description = Description { name: "d".into(), unit: "s".into(), text: String::new(), step: 1.0 };
        Histogram::create(&description)
    }

    fn count(reading: Option<Reading>) -> u64 {
        match reading {
            Some(Reading::Distribution(counted)) => counted.count,
            _ => 0,
        }
    }

    #[test]
    fn values_that_are_no_duration_are_ignored() {
        let histogram = seconds();
        [f64::NAN, f64::INFINITY, -1.0].iter().for_each(|value| histogram.record(*value));
        assert_eq!(histogram.read(Temporality::Cumulative), None);
    }

    #[test]
    fn every_value_is_told_in_exactly_one_delta_even_while_others_record() {
        let histogram = seconds();
        let told = std::thread::scope(|threads| {
            let recorders: Vec<_> = (0..4)
                .map(|_| threads.spawn(|| (1..=5_000).for_each(|n| histogram.record(f64::from(n) / 1e3))))
                .collect();
            let mut told = 0;
            while recorders.iter().any(|recorder| !recorder.is_finished()) {
                told += count(histogram.read(Temporality::Delta));
                count(histogram.read(Temporality::Cumulative));
            }
            told
        });
        assert_eq!(told + count(histogram.read(Temporality::Delta)), 20_000);
        assert_eq!(count(histogram.read(Temporality::Cumulative)), 20_000);
        assert_eq!(histogram.read(Temporality::Delta), None);
    }
}
