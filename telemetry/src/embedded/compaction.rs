//! Joins small chunks.
//!
//! Agents send a few spans every few seconds; chunks of a few spans compress badly and make long indices. Some time
//! later they are unpacked, sorted by trace and packed again as full chunks, a few at a time, each time in one
//! transaction.

use std::{collections::HashSet, time::Duration};

use rusqlite::{Connection, params};

use super::{
    chunk,
    spans::{self, WriteError},
    writer::OpenDay,
};
use crate::model::Span;

/// Chunks below half of the full size are small; the partial index of the schema knows the same number.
const SMALL: usize = chunk::FULL / 2;
/// Spans joined at once, and bytes of their chunks: bounds the memory, and the time for which writing waits.
const SPANS_AT_ONCE: usize = 8 * chunk::FULL;
const BYTES_AT_ONCE: usize = 4 << 20;

/// Joins some small chunks of a day that were written at least `after` ago, if that makes a full one. Says whether it
/// did.
pub(super) fn run(day: &mut OpenDay, after: Duration) -> Result<bool, WriteError> {
    let now = jiff::Timestamp::now().as_millisecond();
    let written_before = now - i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
    let transaction = day.connection.unchecked_transaction()?;
    let small = small_chunks(&transaction, written_before)?;
    if !worth_joining(small.len(), small.iter().map(|(_, spans)| spans).sum()) {
        return Ok(false);
    }
    let mut joined = Vec::new();
    for (id, _) in &small {
        let body: Vec<u8> = transaction
            .prepare_cached("SELECT body FROM chunk WHERE id=?1")?
            .query_row([id], |row| row.get(0))?;
        joined.extend(take_out(&transaction, *id, &body)?);
    }
    let mut seen = HashSet::new();
    let before = joined.len();
    joined.retain(|span: &Span| seen.insert((span.trace_id, span.span_id)));
    spans::write_chunks(&transaction, &mut day.names, &joined, now)?;
    spans::add_to_total(&transaction, "spans", joined.len() as i64 - before as i64)?;
    transaction.commit()?;
    Ok(true)
}

/// Small chunks of a day that could be joined, however young they are.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<usize> {
    let (chunks, spans): (i64, i64) = connection
        .prepare_cached(
            "SELECT count(*), coalesce(sum(spans), 0) FROM chunk INDEXED BY chunk_small WHERE spans < 256",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if worth_joining(chunks as usize, spans as usize) { chunks as usize } else { 0 })
}

fn worth_joining(chunks: usize, spans: usize) -> bool {
    chunks >= 2 && spans >= chunk::FULL
}

fn small_chunks(connection: &Connection, written_before: i64) -> rusqlite::Result<Vec<(i64, usize)>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, spans, length(body) FROM chunk INDEXED BY chunk_small WHERE spans < 256 AND written_ms < ?1
         ORDER BY id LIMIT 1000",
    )?;
    let mut rows = statement.query([written_before])?;
    let mut small = Vec::new();
    let (mut count, mut bytes) = (0, 0);
    while let Some(row) = rows.next()? {
        let spans = row.get::<_, i64>(1)? as usize;
        count += spans;
        bytes += row.get::<_, i64>(2)? as usize;
        if count > SPANS_AT_ONCE || bytes > BYTES_AT_ONCE {
            break;
        }
        small.push((row.get(0)?, spans));
    }
    Ok(small)
}

/// Removes a chunk and its fragments. A damaged one is left where it is.
fn take_out(connection: &Connection, id: i64, body: &[u8]) -> Result<Vec<Span>, WriteError> {
    let spans = chunk::unpack(body, None)?;
    let traces: HashSet<_> = spans.iter().map(|span| span.trace_id).collect();
    for trace in traces {
        connection
            .prepare_cached("DELETE FROM fragment WHERE trace=?1 AND chunk=?2")?
            .execute(params![trace.0, id])?;
    }
    connection.prepare_cached("DELETE FROM chunk WHERE id=?1")?.execute([id])?;
    Ok(spans)
}

const _: () = assert!(SMALL == 256, "the partial index chunk_small is made for chunks below 256 spans");
