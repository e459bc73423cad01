//! By whom the heap is sampled: the wrapper around the allocator, or jemalloc itself.

use std::io;

use super::profile as sampled;

#[cfg(all(feature = "jemalloc", unix))]
use super::jemalloc;

/// The heap at one time.
#[derive(Debug)]
pub(crate) enum Snapshot {
    Sampling(sampled::Snapshot),
    #[cfg(all(feature = "jemalloc", unix))]
    Jemalloc(io::Result<jemalloc::Snapshot>),
}

/// Whether the heap is sampled by anybody.
pub(crate) fn is_installed() -> bool {
    #[cfg(all(feature = "jemalloc", unix))]
    if jemalloc::is_sampling() {
        return true;
    }
    sampled::is_installed()
}

impl Snapshot {
    /// Of the wrapper where there is one.
    pub(crate) fn now() -> Self {
        #[cfg(all(feature = "jemalloc", unix))]
        if !sampled::is_installed() {
            return Self::Jemalloc(jemalloc::Snapshot::now());
        }
        Self::Sampling(sampled::Snapshot::now())
    }
}

/// What is in use and was allocated at `end`, or how that changed since `begin`. Reads files to find symbols.
///
/// # Errors
/// When jemalloc has not told.
pub(crate) fn profile(begin: Option<&Snapshot>, end: &Snapshot) -> io::Result<Vec<u8>> {
    match (begin, end) {
        (None, Snapshot::Sampling(end)) => sampled::profile(None, end),
        (Some(Snapshot::Sampling(begin)), Snapshot::Sampling(end)) => sampled::profile(Some(begin), end),
        #[cfg(all(feature = "jemalloc", unix))]
        (None, Snapshot::Jemalloc(Ok(end))) => jemalloc::profile(None, end),
        #[cfg(all(feature = "jemalloc", unix))]
        (Some(Snapshot::Jemalloc(Ok(begin))), Snapshot::Jemalloc(Ok(end))) => {
            jemalloc::profile(Some(begin), end)
        }
        #[cfg(all(feature = "jemalloc", unix))]
        (Some(Snapshot::Jemalloc(Err(error))), _) | (_, Snapshot::Jemalloc(Err(error))) => {
            Err(io::Error::other(format!("jemalloc has not told of the heap: {error}")))
        }
        // The allocator of a process stays the same.
        #[cfg(all(feature = "jemalloc", unix))]
        _ => Err(io::Error::other("two profiles of the heap that cannot be compared")),
    }
}
