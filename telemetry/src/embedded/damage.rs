//! What of the store can no longer be read. It is passed over, said once, counted, and left where it is.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use super::day::Day;

/// Far more than this is not damage here and there but a broken disk; it is counted no further.
const REMEMBERED: usize = 10_000;

/// What of a day can be damaged by itself: a chunk, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    Spans(i64),
    Lines(i64),
}

/// Chunks, and whole days, that were found damaged since the store was opened.
#[derive(Default)]
pub(super) struct Damage(Mutex<BTreeSet<(Day, Option<Piece>)>>);

impl Damage {
    /// A chunk could not be unpacked.
    pub(super) fn piece(&self, day: Day, piece: Piece, error: &dyn std::error::Error) {
        if self.is_new(day, Some(piece)) {
            tracing::error!(%day, ?piece, %error, "a part of this day can no longer be read");
        }
    }

    /// The file of a day is damaged where a query needed it.
    pub(super) fn day(&self, day: Day, error: &str) {
        if self.is_new(day, None) {
            tracing::error!(%day, error, "telemetry of this day can no longer be read as a whole");
        }
    }

    pub(super) fn has(&self, day: Day, piece: Piece) -> bool {
        self.known().contains(&(day, Some(piece)))
    }

    pub(super) fn count(&self) -> usize {
        self.known().len()
    }

    /// A day that is deleted is damaged no more.
    pub(super) fn forget(&self, day: Day) {
        self.known().retain(|(damaged, _)| *damaged != day);
    }

    fn is_new(&self, day: Day, piece: Option<Piece>) -> bool {
        let mut known = self.known();
        known.len() < REMEMBERED && known.insert((day, piece))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeSet<(Day, Option<Piece>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
