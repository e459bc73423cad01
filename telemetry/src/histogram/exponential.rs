//! Histograms with bounds that grow by a factor.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Buckets, CountAtMost};

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

impl ExponentialHistogram {
    /// Buckets of either sign that a merged histogram keeps at most; beyond that its resolution is halved.
    pub const MAX_BUCKETS: usize = 320;

    /// A histogram without values at this scale.
    pub fn empty(scale: i32) -> Self {
        Self { scale, ..Self::default() }
    }

    /// All values.
    pub fn count(&self) -> u64 {
        self.zero_count + self.positive.count() + self.negative.count()
    }

    /// Counts a value.
    pub fn record(&mut self, value: f64) {
        let index = bucket_index(value.abs(), self.scale);
        if value > 0.0
            && let Some(count) = self.positive.at_mut(index)
        {
            *count += 1;
            self.sum += value;
        } else {
            self.record_elsewhere(value, index);
        }
    }

    /// Counts a value for which there is no bucket yet.
    fn record_elsewhere(&mut self, value: f64, index: i32) {
        let mut single = Self::empty(self.scale);
        single.sum = value;
        let bucket = Buckets { offset: index, counts: vec![1] };
        match value.partial_cmp(&0.0) {
            Some(Ordering::Greater) => single.positive = bucket,
            Some(Ordering::Less) => single.negative = bucket,
            _ => single.zero_count = 1,
        }
        self.merge(&single);
    }

    /// Adds `other`, at the coarser of both scales.
    pub fn merge(&mut self, other: &Self) {
        if other.count() == 0 {
            return;
        }
        if self.count() == 0 {
            *self = other.clone();
            return;
        }
        let scale = self.scale.min(other.scale);
        self.rescale(scale);
        let mut other = other.clone();
        other.rescale(scale);
        self.sum += other.sum;
        self.zero_count += other.zero_count;
        self.zero_threshold = self.zero_threshold.max(other.zero_threshold);
        while self.merged_width(&other) > Self::MAX_BUCKETS as i64 {
            let coarser = self.scale - 1;
            self.rescale(coarser);
            other.rescale(coarser);
        }
        self.positive.add(&other.positive);
        self.negative.add(&other.negative);
    }

    fn merged_width(&self, other: &Self) -> i64 {
        let width = |a: &Buckets, b: &Buckets| {
            if a.counts.is_empty() || b.counts.is_empty() {
                return a.counts.len().max(b.counts.len()) as i64;
            }
            a.end().max(b.end()) - i64::from(a.offset.min(b.offset))
        };
        width(&self.positive, &other.positive).max(width(&self.negative, &other.negative))
    }

    fn rescale(&mut self, scale: i32) {
        let by = self.scale.saturating_sub(scale).max(0) as u32;
        self.positive.downscale(by);
        self.negative.downscale(by);
        self.scale = self.scale.min(scale);
    }

    /// What was counted since `earlier` of the same cumulative stream, unless a count fell: then the stream was reset.
    pub fn since(&self, earlier: &Self) -> Option<Self> {
        let scale = self.scale.min(earlier.scale);
        let (mut now, mut then) = (self.clone(), earlier.clone());
        now.rescale(scale);
        then.rescale(scale);
        Some(Self {
            scale,
            sum: now.sum - then.sum,
            zero_count: now.zero_count.checked_sub(then.zero_count)?,
            zero_threshold: now.zero_threshold,
            positive: now.positive.since(&then.positive)?,
            negative: now.negative.since(&then.negative)?,
        })
    }

    /// The value below which the share `q` (0 to 1) of all values lies; none without values. Within a bucket the
    /// values are taken to be spread evenly on a logarithmic scale, so that the relative error is at most
    /// [`relative_error`](Self::relative_error).
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let rank = q.clamp(0.0, 1.0) * total as f64;
        let mut below = 0.0;
        for (index, count) in self.negative.counts.iter().enumerate().rev() {
            if *count > 0 && below + *count as f64 >= rank {
                let share = ((rank - below) / *count as f64).clamp(0.0, 1.0);
                return Some(-self.within(self.negative.offset, index, 1.0 - share));
            }
            below += *count as f64;
        }
        if self.zero_count > 0 && below + self.zero_count as f64 >= rank {
            return Some(0.0);
        }
        below += self.zero_count as f64;
        let mut last = None;
        for (index, count) in self.positive.counts.iter().enumerate() {
            if *count == 0 {
                continue;
            }
            let share = ((rank - below) / *count as f64).clamp(0.0, 1.0);
            if below + *count as f64 >= rank {
                return Some(self.within(self.positive.offset, index, share));
            }
            below += *count as f64;
            last = Some(self.within(self.positive.offset, index, 1.0));
        }
        last
    }

    fn within(&self, offset: i32, index: usize, share: f64) -> f64 {
        ((f64::from(offset) + index as f64 + share) * (-f64::from(self.scale)).exp2()).exp2()
    }

    /// The largest relative error of a quantile: the width of a bucket, `base - 1`.
    pub fn relative_error(&self) -> f64 {
        (-f64::from(self.scale)).exp2().exp2() - 1.0
    }

    /// How many values are at most `threshold`, which must not be negative.
    pub fn count_at_most(&self, threshold: f64) -> CountAtMost {
        let below_zero = self.negative.count();
        if threshold <= 0.0 {
            return CountAtMost {
                certain: below_zero + if threshold == 0.0 { self.zero_count } else { 0 },
                uncertain: 0,
            };
        }
        let mut counted = CountAtMost { certain: below_zero, uncertain: 0 };
        if self.zero_threshold <= threshold {
            counted.certain += self.zero_count;
        } else {
            counted.uncertain += self.zero_count;
        }
        let cut = i64::from(bucket_index(threshold, self.scale));
        let on_edge = self.within(cut as i32, 0, 1.0) <= threshold;
        for (count, index) in self.positive.counts.iter().zip(i64::from(self.positive.offset)..) {
            match index.cmp(&cut) {
                Ordering::Less => counted.certain += count,
                Ordering::Equal if on_edge => counted.certain += count,
                Ordering::Equal => counted.uncertain += count,
                Ordering::Greater => break,
            }
        }
        counted
    }
}

/// The bucket of a positive value: the index `i` with `base^i < value <= base^(i+1)`.
fn bucket_index(value: f64, scale: i32) -> i32 {
    if value <= 0.0 || !value.is_finite() {
        return if value.is_infinite() { bucket_index(f64::MAX, scale) } else { 0 };
    }
    let estimate = (value.log2() * f64::from(scale).exp2()).ceil() as i32 - 1;
    // The logarithm is off by an ulp at bucket edges; exact powers must land in the bucket that ends with them.
    let edge = |index: i32| (f64::from(index) * (-f64::from(scale)).exp2()).exp2();
    if edge(estimate) >= value {
        estimate - 1
    } else if edge(estimate.saturating_add(1)) < value {
        estimate + 1
    } else {
        estimate
    }
}
