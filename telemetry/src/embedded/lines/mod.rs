//! Log lines: compressed chunks, each of one service and in order of time (`chunk`), beside each a Bloom filter of its
//! words and fields (`filter`), the traces that it has lines of, and counts by minute and level (`minutes`).

mod chunk;
mod compaction;
mod filter;
mod minutes;
mod search;
mod text;
mod write;

use std::collections::HashMap;

pub(super) use compaction::{run as compact, waiting};
pub(super) use minutes::counts;
pub(super) use search::search;
pub(super) use write::write;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::{
    log::{LinePosition, LogRecord},
    model::TraceId,
};

/// Lines of a chunk that grows no further.
const FULL: usize = 1024;
/// Bytes of a chunk, before compression, that grows no further.
const LARGEST: usize = 2 << 20;

/// A line to be stored, or found.
pub(super) struct Line {
    pub(super) record: LogRecord,
    /// How many just like it stand before it in the request that it came with: a line that is logged twice within a
    /// nanosecond is two, and a request that is sent twice has each of its lines once.
    repeat: u32,
}

impl Line {
    fn position(&self) -> LinePosition {
        LinePosition {
            at: self.record.at,
            id: xxh3_64_with_seed(&said(&self.record), u64::from(self.repeat)),
        }
    }
}

/// The lines of one request.
pub(super) fn of_request(records: Vec<LogRecord>) -> Vec<Line> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let line = |record: LogRecord| {
        let count = seen.entry(xxh3_64_with_seed(&said(&record), 0)).or_default();
        *count += 1;
        Line { record, repeat: *count - 1 }
    };
    records.into_iter().map(line).collect()
}

/// What tells a line from others.
fn said(record: &LogRecord) -> Vec<u8> {
    let said = (
        (record.at, record.observed_at, record.severity, &record.severity_text, &record.event_name),
        (&record.body, &record.attributes, record.trace_id, record.span_id),
        (&record.resource.service, &record.resource.instance, &record.scope.name),
    );
    // Values nest no deeper than decoding allows, and writing to memory does not fail; if it did, only time tells lines apart.
    postcard::to_allocvec(&said).unwrap_or_default()
}

/// The half of a trace id by which its chunks are found: the other half is compared in the chunk.
fn trace_key(trace: TraceId) -> i64 {
    let mut half = [0; 8];
    half.copy_from_slice(&trace.0[8..]);
    i64::from_le_bytes(half)
}
