//! Time that does not count.

use std::ops::Range;

use crate::Minute;

/// Minutes that are left out: planned maintenance, and traffic that was a load test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions(Vec<Range<Minute>>);

impl Exclusions {
    /// These ranges, in any order; they may overlap, and empty ones are nothing.
    pub fn new(ranges: impl IntoIterator<Item = Range<Minute>>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|range| range.start < range.end).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        let mut joined: Vec<Range<Minute>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Self(joined)
    }

    /// The ranges, without overlap, earliest first.
    pub fn ranges(&self) -> &[Range<Minute>] {
        &self.0
    }

    /// Whether a minute is left out.
    pub fn contain(&self, minute: Minute) -> bool {
        self.touch(&(minute..Minute(minute.0 + 1)))
    }

    /// How many minutes of a range are left out.
    pub fn minutes_within(&self, range: &Range<Minute>) -> u64 {
        let within =
            |excluded: &Range<Minute>| excluded.end.min(range.end).0 - excluded.start.max(range.start).0;
        self.0.iter().map(|excluded| within(excluded).max(0).unsigned_abs()).sum()
    }

    /// Whether any minute of a range is left out.
    pub fn touch(&self, range: &Range<Minute>) -> bool {
        let after = self.0.partition_point(|excluded| excluded.end <= range.start);
        self.0.get(after).is_some_and(|excluded| excluded.start < range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, to: i64) -> Range<Minute> {
        Minute(from)..Minute(to)
    }

    #[test]
    fn ranges_are_joined_and_found() {
        let exclusions =
            Exclusions::new([range(10, 20), range(5, 5), range(15, 30), range(30, 31), range(50, 60)]);
        assert_eq!(exclusions.ranges(), [range(10, 31), range(50, 60)]);
        for (minute, excluded) in
            [(9, false), (10, true), (30, true), (31, false), (49, false), (59, true), (60, false)]
        {
            assert_eq!(exclusions.contain(Minute(minute)), excluded, "{minute}");
        }
    }
}
