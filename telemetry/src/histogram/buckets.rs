//! Buckets of exponential histograms: counts by consecutive indices.

use serde::{Deserialize, Serialize};

/// Consecutive buckets of an exponential histogram: `counts[i]` counts the values in
/// `(base^(offset+i), base^(offset+i+1)]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Buckets {
    /// Index of the first.
    pub offset: i32,
    /// Values per bucket.
    pub counts: Vec<u64>,
}

impl Buckets {
    /// All values.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Halves the resolution `by` times.
    pub(super) fn downscale(&mut self, by: u32) {
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

    pub(super) fn add(&mut self, other: &Self) {
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

    pub(super) fn end(&self) -> i64 {
        i64::from(self.offset) + self.counts.len() as i64
    }

    fn at(&self, index: i64) -> u64 {
        usize::try_from(index - i64::from(self.offset))
            .ok()
            .and_then(|i| self.counts.get(i))
            .copied()
            .unwrap_or(0)
    }

    pub(super) fn at_mut(&mut self, index: i32) -> Option<&mut u64> {
        let place = usize::try_from(i64::from(index) - i64::from(self.offset)).ok()?;
        self.counts.get_mut(place)
    }

    pub(super) fn since(&self, earlier: &Self) -> Option<Self> {
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
