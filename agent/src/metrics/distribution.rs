//! What a histogram has counted, in both forms that readers ask for.

use super::exponential::Exponential;

/// Counts of values over exponential buckets (for OTLP) and over fixed bounds (for Prometheus).
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub(crate) count: u64,
    pub(crate) sum: f64,
    /// Infinite while nothing was counted.
    pub(crate) min: f64,
    /// Infinite while nothing was counted.
    pub(crate) max: f64,
    pub(crate) zero_count: u64,
    pub(crate) exponential: Exponential,
    /// One more than there are bounds; empty until the first value.
    pub(crate) classic: Vec<u64>,
}

impl Default for Distribution {
    fn default() -> Self {
        Self {
            count: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            zero_count: 0,
            exponential: Exponential::default(),
            classic: Vec::new(),
        }
    }
}

impl Distribution {
    /// Counts a value, which must be finite and not below zero; `bounds` must be the same at every call.
    pub(crate) fn record(&mut self, value: f64, bounds: &[f64]) {
        self.count += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        match value > 0.0 {
            true => self.exponential.record(value),
            false => self.zero_count += 1,
        }
        self.classic.resize(bounds.len() + 1, 0);
        self.classic[bounds.partition_point(|bound| *bound < value)] += 1;
    }

    /// Adds what another has counted over the same bounds.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.zero_count += other.zero_count;
        self.exponential.merge(&other.exponential);
        self.classic.resize(self.classic.len().max(other.classic.len()), 0);
        self.classic.iter_mut().zip(&other.classic).for_each(|(mine, theirs)| *mine += theirs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_not_a_positive_value() {
        let mut counted = Distribution::default();
        counted.record(0.0, &[1.0]);
        counted.record(-0.0, &[1.0]);
        counted.record(3.0, &[1.0]);
        assert_eq!((counted.count, counted.zero_count, counted.min, counted.max), (3, 2, 0.0, 3.0));
        assert_eq!(counted.exponential.counts, [1]);
        assert_eq!(counted.classic, [2, 1]);
    }

    #[test]
    fn fixed_buckets_include_their_upper_bound() {
        let mut counted = Distribution::default();
        [0.005, 0.0051, 10.0, 11.0].iter().for_each(|value| counted.record(*value, &[0.005, 0.01, 10.0]));
        assert_eq!(counted.classic, [1, 1, 1, 1]);
    }
}
