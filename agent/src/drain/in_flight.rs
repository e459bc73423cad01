//! The requests that have begun and not ended.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts the requests that have begun and not ended, over all servers of the process.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    begun: AtomicU64,
    finished: AtomicU64,
    broken_off: AtomicU64,
}

impl InFlight {
    pub(crate) fn begin(&self) {
        self.begun.fetch_add(1, Relaxed);
    }

    /// A request has ended; properly when its answer was complete, whatever it said.
    pub(crate) fn end(&self, properly: bool) {
        let ended = if properly { &self.finished } else { &self.broken_off };
        ended.fetch_add(1, Relaxed);
    }

    /// How many are in flight.
    pub(crate) fn count(&self) -> u64 {
        // The ended ones first: one that ends in between must not make the difference negative.
        let ended = self.finished() + self.broken_off.load(Relaxed);
        self.begun.load(Relaxed).saturating_sub(ended)
    }

    /// How many have ended properly since the process started.
    pub(crate) fn finished(&self) -> u64 {
        self.finished.load(Relaxed)
    }
}
