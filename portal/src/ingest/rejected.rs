//! What of a request was not stored, for OTLP's partial success.

use std::collections::BTreeMap;

/// Items that were refused one by one, by reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rejected(BTreeMap<&'static str, i64>);

impl Rejected {
    pub(super) fn add(&mut self, reason: &'static str) {
        self.add_many(reason, 1);
    }

    pub(super) fn add_many(&mut self, reason: &'static str, count: usize) {
        if count > 0 {
            *self.0.entry(reason).or_default() += i64::try_from(count).unwrap_or(i64::MAX);
        }
    }

    pub(super) fn count(&self) -> i64 {
        self.0.values().sum()
    }

    /// Says how many were refused for which reason.
    pub(super) fn message(&self) -> String {
        let reasons: Vec<String> =
            self.0.iter().map(|(reason, count)| format!("{count}: {reason}")).collect();
        reasons.join("; ")
    }
}
