//! A leak: a cache of receipts that forgets none.

use std::sync::{Mutex, PoisonError};

const RECEIPT: usize = 256 << 10;
/// The machine of whoever tries this must stay usable.
const MOST: usize = 1024;

/// Receipts that were printed, in case that somebody asks for one again.
#[derive(Debug, Default)]
pub(super) struct Receipts(Mutex<Vec<Vec<u8>>>);

impl Receipts {
    /// Keeps one more, up to 256 MiB of them.
    pub(super) fn remember(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST {
            kept.push(print_receipt());
        }
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Forgets all.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new();
    }
}

// Found by name in profiles, so it must be there in a release build too.
#[inline(never)]
fn print_receipt() -> Vec<u8> {
    // Not zeros: memory that nobody has written to takes no place.
    vec![b'-'; RECEIPT]
}
