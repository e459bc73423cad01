//! Histograms as OTLP defines them, and their arithmetic.

mod buckets;
mod explicit;
mod exponential;

pub use buckets::Buckets;
pub use explicit::ExplicitHistogram;
pub use exponential::ExponentialHistogram;

/// How many values are at or below a threshold, as exactly as the buckets tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountAtMost {
    /// Values that certainly are.
    pub certain: u64,
    /// Values of the bucket that the threshold cuts: they may be or not. 0 where the threshold is a bucket's edge.
    pub uncertain: u64,
}
