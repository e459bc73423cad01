//! How much everybody has to see to, for the navigation of every page: remembered for a short while, because it takes
//! more than a count to know.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

/// Where another portal judges, a count is as old as this at most.
const LASTS: SignedDuration = SignedDuration::from_secs(30);

/// Counts by sign-in name, each with when it was so.
#[derive(Debug, Default)]
pub(crate) struct WorkCounts(Mutex<HashMap<String, (Timestamp, usize)>>);

impl WorkCounts {
    /// What is known of somebody.
    pub(crate) fn known(&self, login: &str, now: Timestamp) -> Option<usize> {
        let (at, count) = *self.counts().get(login)?;
        (now.duration_since(at).abs() < LASTS).then_some(count)
    }

    pub(crate) fn remember(&self, login: &str, count: usize, now: Timestamp) {
        self.counts().insert(login.to_owned(), (now, count));
    }

    /// Something was judged anew, or said.
    pub(crate) fn forget(&self) {
        self.counts().clear();
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, usize)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
