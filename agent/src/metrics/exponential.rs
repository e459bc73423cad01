//! Buckets whose bounds grow by a constant factor, as OTLP's exponential histogram defines them.
//!
//! Source: OpenTelemetry metrics data model, "ExponentialHistogram"; the scale falls as the range of values
//! grows, so that the relative error is always the smallest that [`MAX_BUCKETS`] buckets allow.

use std::ops::Range;

/// Buckets a histogram may use; the default of the OpenTelemetry SDKs.
pub(crate) const MAX_BUCKETS: usize = 160;

/// The finest resolution, where every histogram starts.
pub(crate) const MAX_SCALE: i32 = 20;

/// Counts of positive values: `counts[i]` is for `(base^(offset+i), base^(offset+i+1)]`, `base = 2^(2^-scale)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exponential {
    pub(crate) scale: i32,
    pub(crate) offset: i32,
    pub(crate) counts: Vec<u64>,
}

impl Default for Exponential {
    fn default() -> Self {
        Self { scale: MAX_SCALE, offset: 0, counts: Vec::new() }
    }
}

impl Exponential {
    /// Counts a value, which must be finite and above zero.
    pub(crate) fn record(&mut self, value: f64) {
        let index = bucket_index(value, self.scale);
        let halvings = halvings_to_fit(&self.range_with(index..index + 1));
        self.downscale(halvings);
        let index = index >> halvings;
        self.cover(index..index + 1);
        self.add_at(index, 1);
    }

    /// Adds the counts of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.counts.is_empty() {
            return;
        }
        self.downscale(self.scale.saturating_sub(other.scale).max(0));
        let finer = (other.scale - self.scale).max(0);
        let incoming = (other.offset >> finer)..((other.last() >> finer) + 1);
        let halvings = halvings_to_fit(&self.range_with(incoming.clone()));
        self.downscale(halvings);
        self.cover((incoming.start >> halvings)..(((incoming.end - 1) >> halvings) + 1));
        for (index, count) in (other.offset..).zip(&other.counts) {
            self.add_at(index >> (finer + halvings), *count);
        }
    }

    fn last(&self) -> i32 {
        self.offset + self.counts.len() as i32 - 1
    }

    fn range_with(&self, more: Range<i32>) -> Range<i32> {
        if self.counts.is_empty() {
            return more;
        }
        self.offset.min(more.start)..(self.last() + 1).max(more.end)
    }

    /// Halves the resolution so many times. Two neighbours become one bucket, so no count is lost.
    fn downscale(&mut self, halvings: i32) {
        if halvings == 0 {
            return;
        }
        self.scale -= halvings;
        if self.counts.is_empty() {
            return;
        }
        let old = self.offset;
        self.offset = old >> halvings;
        for i in 0..self.counts.len() {
            let to = (((old + i as i32) >> halvings) - self.offset) as usize;
            let count = std::mem::take(&mut self.counts[i]);
            self.counts[to] += count;
        }
        let kept = ((old + self.counts.len() as i32 - 1) >> halvings) - self.offset + 1;
        self.counts.truncate(kept as usize);
    }

    /// Grows to have a bucket for each index; the caller has made sure that they fit.
    fn cover(&mut self, indexes: Range<i32>) {
        if self.counts.is_empty() {
            self.offset = indexes.start;
        }
        let before = (self.offset - indexes.start).max(0) as usize;
        // Nearly always they are there already.
        if before > 0 {
            self.counts.splice(0..0, std::iter::repeat_n(0, before));
            self.offset -= before as i32;
        }
        let needed = (indexes.end - self.offset).max(0) as usize;
        if needed > self.counts.len() {
            self.counts.resize(needed, 0);
        }
    }

    fn add_at(&mut self, index: i32, count: u64) {
        self.counts[(index - self.offset) as usize] += count;
    }
}

/// How often the resolution must be halved until the indexes fit into [`MAX_BUCKETS`].
fn halvings_to_fit(indexes: &Range<i32>) -> i32 {
    let (mut first, mut last) = (i64::from(indexes.start), i64::from(indexes.end) - 1);
    let mut halvings = 0;
    while last - first >= MAX_BUCKETS as i64 {
        first >>= 1;
        last >>= 1;
        halvings += 1;
    }
    halvings
}

/// The bucket of a value, which must be finite and above zero. Subnormal values count as the smallest normal.
fn bucket_index(value: f64, scale: i32) -> i32 {
    const MANTISSA_BITS: u32 = 52;
    let bits = value.max(f64::MIN_POSITIVE).to_bits();
    let exponent = (bits >> MANTISSA_BITS) as i32 - 1023;
    let is_power_of_two = bits.trailing_zeros() >= MANTISSA_BITS;
    if scale <= 0 {
        return (exponent - i32::from(is_power_of_two)) >> -scale;
    }
    let floor = exponent << scale;
    if is_power_of_two {
        return floor - 1;
    }
    // The logarithm is rounded; the exponent is exact, so it bounds the error at powers of two.
    let index = (value.log2() * f64::from(1 << scale)).floor() as i32;
    index.clamp(floor, floor + (1 << scale) - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Exponential {
        let mut histogram = Exponential::default();
        values.iter().for_each(|value| histogram.record(*value));
        histogram
    }

    fn upper_bound(index: i32, scale: i32) -> f64 {
        (f64::from(index + 1) * 2f64.powi(-scale)).exp2()
    }

    #[test]
    fn buckets_end_with_their_upper_bound() {
        // value, scale, index
        for (value, scale, index) in [
            (1.0, 0, -1),
            (1.5, 0, 0),
            (2.0, 0, 0),
            (2.1, 0, 1),
            (4.0, 0, 1),
            (0.5, 0, -2),
            (1.0, 3, -1),
            (2.0, 3, 7),
            (2.0, 20, (1 << 20) - 1),
            (16.0, -1, 1),
            (17.0, -1, 2),
            (f64::MIN_POSITIVE, 20, (-1022 << 20) - 1),
            (f64::MIN_POSITIVE / 8.0, 20, (-1022 << 20) - 1),
            (f64::MAX, 20, (1024 << 20) - 1),
            (f64::MAX, -4, 63),
        ] {
            assert_eq!(bucket_index(value, scale), index, "value {value} at scale {scale}");
        }
    }

    #[test]
    fn the_whole_range_of_numbers_fits() {
        let histogram = of(&[f64::MIN_POSITIVE, 1.0, f64::MAX]);
        assert_eq!(histogram.scale, -4);
        assert_eq!(histogram.counts.iter().sum::<u64>(), 3);
    }

    #[test]
    fn one_value_keeps_the_finest_scale() {
        assert_eq!(of(&[0.25, 0.25]), Exponential { scale: 20, offset: (-2 << 20) - 1, counts: vec![2] });
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((-40.0..40.0f64).prop_map(f64::exp2), 0..200)
    }

    proptest! {
        #[test]
        fn merging_parts_is_recording_all(a in values(), b in values()) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            let whole = of(&[a, b].concat());
            prop_assert_eq!(merged, whole);
        }

        #[test]
        fn every_value_is_in_the_bucket_that_bounds_it(values in values()) {
            let histogram = of(&values);
            prop_assert!(histogram.counts.len() <= MAX_BUCKETS);
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            let mut sorted = sorted.into_iter();
            for (index, count) in (histogram.offset..).zip(&histogram.counts) {
                let (low, high) = (upper_bound(index - 1, histogram.scale), upper_bound(index, histogram.scale));
                for _ in 0..*count {
                    let value = sorted.next().unwrap();
                    // At the finest scales a bucket is narrower than the rounding of the logarithm.
                    prop_assert!(low * (1.0 - 1e-12) < value && value <= high * (1.0 + 1e-12), "{low} < {value} <= {high}");
                }
            }
            prop_assert!(sorted.next().is_none());
        }

        /// 160 buckets over a range of `r` octaves leave a factor of at most 2^(2r/160) between bounds.
        #[test]
        fn quantiles_are_within_the_promised_error(values in prop::collection::vec(0.001..10.0f64, 1..300), q in 0.0..1.0f64) {
            let histogram = of(&values);
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            let rank = ((sorted.len() - 1) as f64 * q) as usize;
            let octaves = (sorted[sorted.len() - 1] / sorted[0]).log2();
            let mut seen = 0;
            let bucket = histogram.counts.iter().position(|count| { seen += count; seen > rank as u64 }).unwrap();
            let estimate = upper_bound(histogram.offset + bucket as i32, histogram.scale);
            let factor = (2.0 * (octaves + 0.1) / MAX_BUCKETS as f64).exp2();
            prop_assert!(estimate / sorted[rank] <= factor, "{estimate} for {}, factor {factor}", sorted[rank]);
        }
    }
}
