//! Chance that falls the same way for the same seed, on every machine.

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// A seeded source of chance.
pub(super) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.0.random()
    }

    /// A number below `end`; 0 for an `end` of 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1) as u64) as usize
    }

    /// A number below `end` of which small ones come far more often, as with customers: a few order every day.
    pub(super) fn skewed_below(&mut self, end: usize) -> usize {
        let share = self.0.random::<f64>().powi(3);
        ((share * end as f64) as usize).min(end.saturating_sub(1))
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    /// A duration about this median, log-normal as latencies are: one in 20 takes more than twice as long.
    pub(super) fn around(&mut self, median: u64) -> u64 {
        let (radius, angle) = (self.0.random::<f64>(), self.0.random::<f64>());
        let normal = (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
        (median as f64 * (0.45 * normal).exp()) as u64
    }
}
