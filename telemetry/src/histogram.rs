//! Histograms as OTLP defines them, and their arithmetic.

use std::cmp::Ordering;

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

/// How many values are at or below a threshold, as exactly as the buckets tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountAtMost {
    /// Values that certainly are.
    pub certain: u64,
    /// Values of the bucket that the threshold cuts: they may be or not. 0 where the threshold is a bucket's edge.
    pub uncertain: u64,
}

impl ExplicitHistogram {
    /// All values.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether there is one more count than bounds, and the bounds rise.
    pub fn is_well_formed(&self) -> bool {
        self.counts.len() == self.bounds.len() + 1
            && self.bounds.iter().all(|bound| !bound.is_nan())
            && self.bounds.windows(2).all(|pair| pair[0] < pair[1])
    }

    /// Adds `other`. Where the bounds differ, only the bounds that both have remain: counts stay exact, detail is lost.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.is_empty() {
            *self = other.clone();
            return;
        }
        if other.counts.is_empty() {
            return;
        }
        self.sum += other.sum;
        if self.bounds != other.bounds {
            let shared: Vec<f64> =
                self.bounds.iter().copied().filter(|bound| other.bounds.contains(bound)).collect();
            let mine = self.coarsened(&shared);
            let theirs = other.coarsened(&shared);
            self.counts = mine.into_iter().zip(theirs).map(|(a, b)| a + b).collect();
            self.bounds = shared;
            return;
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    fn coarsened(&self, bounds: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; bounds.len() + 1];
        for (index, count) in self.counts.iter().enumerate() {
            let upper = self.bounds.get(index).copied().unwrap_or(f64::INFINITY);
            let bucket = bounds.iter().position(|bound| upper <= *bound).unwrap_or(bounds.len());
            counts[bucket] += count;
        }
        counts
    }

    /// What was counted since `earlier` of the same cumulative stream, unless a count fell: then the stream was reset.
    pub fn since(&self, earlier: &Self) -> Option<Self> {
        if self.bounds != earlier.bounds || self.counts.len() != earlier.counts.len() {
            return None;
        }
        let counts = self
            .counts
            .iter()
            .zip(&earlier.counts)
            .map(|(now, then)| now.checked_sub(*then))
            .collect::<Option<_>>()?;
        Some(Self { bounds: self.bounds.clone(), counts, sum: self.sum - earlier.sum })
    }

    /// The value below which the share `q` (0 to 1) of all values lies, by linear interpolation within its bucket, as
    /// Prometheus' `histogram_quantile` does. The error is at most the width of that bucket; a quantile beyond the
    /// last bound is that bound. None without values.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let rank = q.clamp(0.0, 1.0) * total as f64;
        let mut below = 0u64;
        for (index, count) in self.counts.iter().enumerate() {
            if *count > 0 && (below + count) as f64 >= rank {
                let Some(upper) = self.bounds.get(index).copied() else { break };
                let lower = match index.checked_sub(1) {
                    Some(previous) => self.bounds[previous],
                    None => upper.min(0.0),
                };
                return Some(lower + (upper - lower) * ((rank - below as f64) / *count as f64).max(0.0));
            }
            below += count;
        }
        self.bounds.last().copied()
    }

    /// How many values are at most `threshold`.
    pub fn count_at_most(&self, threshold: f64) -> CountAtMost {
        let mut certain = 0;
        for (index, count) in self.counts.iter().enumerate() {
            match self.bounds.get(index) {
                Some(upper) if *upper <= threshold => certain += count,
                _ => {
                    let lower =
                        index.checked_sub(1).map_or(f64::NEG_INFINITY, |previous| self.bounds[previous]);
                    return CountAtMost { certain, uncertain: if lower < threshold { *count } else { 0 } };
                }
            }
        }
        CountAtMost { certain, uncertain: 0 }
    }
}

impl Buckets {
    /// All values.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Halves the resolution `by` times.
    fn downscale(&mut self, by: u32) {
        if by == 0 || self.counts.is_empty() {
            return;
        }
        let by = by.min(31);
        let offset = self.offset >> by;
        let last = (i64::from(self.offset) + self.counts.len() as i64 - 1) >> by;
        let mut counts = vec![0; (last - i64::from(offset) + 1) as usize];
        for (index, count) in self.counts.iter().enumerate() {
            let bucket = ((i64::from(self.offset) + index as i64) >> by) - i64::from(offset);
            counts[bucket as usize] += count;
        }
        *self = Self { offset, counts };
    }

    fn add(&mut self, other: &Self) {
        if other.counts.is_empty() {
            return;
        }
        if self.counts.is_empty() {
            *self = other.clone();
            return;
        }
        let first = self.offset.min(other.offset);
        let end = self.end().max(other.end());
        let mut counts = vec![0; (end - i64::from(first)) as usize];
        for part in [&*self, other] {
            let shift = (i64::from(part.offset) - i64::from(first)) as usize;
            for (index, count) in part.counts.iter().enumerate() {
                counts[shift + index] += count;
            }
        }
        *self = Self { offset: first, counts };
    }

    fn end(&self) -> i64 {
        i64::from(self.offset) + self.counts.len() as i64
    }

    fn at(&self, index: i64) -> u64 {
        usize::try_from(index - i64::from(self.offset))
            .ok()
            .and_then(|i| self.counts.get(i))
            .copied()
            .unwrap_or(0)
    }

    fn at_mut(&mut self, index: i32) -> Option<&mut u64> {
        let place = usize::try_from(i64::from(index) - i64::from(self.offset)).ok()?;
        self.counts.get_mut(place)
    }

    fn since(&self, earlier: &Self) -> Option<Self> {
        let outside = (i64::from(earlier.offset)..earlier.end())
            .any(|index| (index < i64::from(self.offset) || index >= self.end()) && earlier.at(index) > 0);
        if outside {
            return None;
        }
        let counts = self
            .counts
            .iter()
            .zip(i64::from(self.offset)..)
            .map(|(now, index)| now.checked_sub(earlier.at(index)))
            .collect::<Option<_>>()?;
        Some(Self { offset: self.offset, counts })
    }
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
