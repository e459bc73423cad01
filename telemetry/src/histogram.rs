//! Histograms as OTLP defines them, and their arithmetic.

use serde::{Deserialize, Serialize};

/// Counts between fixed bounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExplicitHistogram {
    /// Upper bounds, inclusive, rising. One fewer than `counts`: the last bucket has none.
    pub bounds: Vec<f64>,
    /// Values per bucket.
    pub counts: Vec<u64>,
    /// Sum of all values.
    pub sum: f64,
}

/// Counts between bounds that grow by the factor `2^(2^-scale)`.
///
/// Source: OpenTelemetry metrics data model, "ExponentialHistogram".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExponentialHistogram {
    /// Resolution: bounds grow by `2^(2^-scale)`.
    pub scale: i32,
    /// Sum of all values.
    pub sum: f64,
    /// Values that count as zero.
    pub zero_count: u64,
    /// Values up to this one count as zero.
    pub zero_threshold: f64,
    /// Positive values.
    pub positive: Buckets,
    /// Negative values, by magnitude.
    pub negative: Buckets,
}

/// Consecutive buckets of an exponential histogram: `counts[i]` counts the values in
/// `(base^(offset+i), base^(offset+i+1)]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Buckets {
    /// Index of the first.
    pub offset: i32,
    /// Values per bucket.
    pub counts: Vec<u64>,
}
