//! Bounds of the embedded store.

use std::time::Duration;

/// Bounds of an [`EmbeddedStore`](super::EmbeddedStore).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedSettings {
    /// Spans, points and lines that may wait to be written; beyond that writers are told to come again.
    pub queue_capacity: usize,
    /// Bytes that these may take in memory, about.
    pub queue_bytes: usize,
    /// Queries that may run at once; further ones wait.
    pub readers: usize,
    /// How long one search may look before it answers with what it has found.
    pub search_time: Duration,
    /// Spans of one trace that are read at once. More is not a trace but a mistake, such as one id for everything.
    pub trace_spans: usize,
    /// How long small chunks are left alone before they are joined.
    pub compact_after: Duration,
}

impl Default for EmbeddedSettings {
    fn default() -> Self {
        Self {
            queue_capacity: 200_000,
            queue_bytes: 256 << 20,
            readers: 4,
            search_time: Duration::from_secs(2),
            trace_spans: 20_000,
            compact_after: Duration::from_secs(120),
        }
    }
}
