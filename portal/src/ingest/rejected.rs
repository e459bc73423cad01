//! What of a request was not stored, for OTLP's partial success.

use std::collections::BTreeMap;

/// Of the name of an item, this much is told.
const LONGEST_NAME_CHARS: usize = 100;

/// Items that were refused one by one, by reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rejected(BTreeMap<&'static str, Same>);

/// Items that were refused for the same reason.
#[derive(Debug, PartialEq, Eq)]
struct Same {
    count: i64,
    /// Name of the first span or metric.
    first: String,
}

impl Rejected {
    /// Notes so many items of a span or metric of this name.
    pub(super) fn add(&mut self, reason: &'static str, name: &str, count: usize) {
        if count > 0 {
            let first = || Same { count: 0, first: name.chars().take(LONGEST_NAME_CHARS).collect() };
            let same = self.0.entry(reason).or_insert_with(first);
            same.count = same.count.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    pub(super) fn count(&self) -> i64 {
        self.0.values().map(|same| same.count).sum()
    }

    /// Says how many were refused for which reason, and where to look.
    pub(super) fn message(&self) -> String {
        let told = |(reason, Same { count, first }): (&&str, &Same)| {
            format!("{count} (first of {first:?}): {reason}")
        };
        self.0.iter().map(told).collect::<Vec<_>>().join("; ")
    }
}
