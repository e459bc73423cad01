//! Log lines: compressed chunks, each of one service and in order of time (`chunk`), beside each a Bloom filter of its
//! words and fields (`filter`), the traces that it has lines of, and counts by minute and level (`minutes`).

mod chunk;
mod compaction;
mod filter;
mod minutes;
mod search;
mod text;
mod write;

pub(super) use compaction::{run as compact, waiting};
pub(super) use minutes::counts;
pub(super) use search::search;
pub(super) use write::write;

use crate::{
    log::{LinePosition, LogRecord, repeats},
    model::TraceId,
};

/// Lines of a chunk that grows no further.
const FULL: usize = 1024;
/// Bytes of a chunk, before compression, that grows no further.
const LARGEST: usize = 2 << 20;

/// A line to be stored, or found.
pub(super) struct Line {
    pub(super) record: LogRecord,
    /// How many just like it stand before it in the request that it came with.
    repeat: u32,
}

impl Line {
    fn position(&self) -> LinePosition {
        self.record.position(self.repeat)
    }
}

/// The lines of one request.
pub(super) fn of_request(records: Vec<LogRecord>) -> Vec<Line> {
    let repeats = repeats(&records);
    records.into_iter().zip(repeats).map(|(record, repeat)| Line { record, repeat }).collect()
}

/// The half of a trace id by which its chunks are found: the other half is compared in the chunk.
fn trace_key(trace: TraceId) -> i64 {
    let mut half = [0; 8];
    half.copy_from_slice(&trace.0[8..]);
    i64::from_le_bytes(half)
}
