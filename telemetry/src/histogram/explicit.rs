//! Histograms with fixed bounds.

use serde::{Deserialize, Serialize};

use super::CountAtMost;

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
