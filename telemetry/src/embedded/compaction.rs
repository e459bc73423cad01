//! Joins small chunks.
//!
//! Agents send a few spans every few seconds; chunks of a few spans compress badly and make long indices. Some time
//! later they are unpacked, sorted by trace and packed again as full chunks, a few at a time, each time in one
//! transaction.

use std::{collections::HashSet, time::Duration};

use rusqlite::{Connection, params};

use super::{
    chunk::{self, FULL},
    damage::{Damage, Piece},
    day::Day,
    filters,
    spans::{self, WriteError},
    writer::OpenDay,
};
use crate::model::Span;

/// Spans joined at once, and bytes of their chunks: bounds the memory, and the time for which writing waits.
const SPANS_AT_ONCE: usize = 8 * FULL;
const BYTES_AT_ONCE: usize = 4 << 20;

/// Joins some small chunks of a day that were written at least `after` ago, if that makes a full one. Says whether it
/// did.
pub(super) fn run(
    day: Day,
    open: &mut OpenDay,
    after: Duration,
    damage: &Damage,
) -> Result<bool, WriteError> {
    let now = jiff::Timestamp::now().as_millisecond();
    let written_before = now - i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
    let transaction = open.connection.unchecked_transaction()?;
    let readable = |id: i64| !damage.has(day, Piece::Spans(id));
    let Some(small) = small_chunks(&transaction, written_before, readable)? else { return Ok(false) };
    let mut joined = Vec::new();
    for id in small {
        let body: Vec<u8> = transaction
            .prepare_cached("SELECT body FROM chunk WHERE id=?1")?
            .query_row([id], |row| row.get(0))?;
        // A damaged one is left where it is.
        match chunk::unpack(&body, None) {
            Ok(spans) => {
                remove(&transaction, id, &spans)?;
                joined.extend(spans);
            }
            Err(error) => damage.piece(day, Piece::Spans(id), &error),
        }
    }
    let mut seen = HashSet::new();
    let before = joined.len();
    joined.retain(|span: &Span| seen.insert((span.trace_id, span.span_id)));
    spans::write_chunks(&transaction, &mut open.remembered, &joined, now)?;
    spans::add_to_total(&transaction, "spans", joined.len() as i64 - before as i64)?;
    transaction.commit()?;
    Ok(true)
}

/// Small chunks of a day that could be joined, however young they are.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<usize> {
    let (chunks, spans): (i64, i64) = connection
        .prepare_cached(
            "SELECT count(*), coalesce(sum(spans), 0) FROM chunk INDEXED BY chunk_small WHERE small=1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if spans as usize >= FULL { chunks as usize } else { 0 })
}

/// As many small chunks as are joined at once; none unless they make a full one.
fn small_chunks(
    connection: &Connection,
    written_before: i64,
    readable: impl Fn(i64) -> bool,
) -> rusqlite::Result<Option<Vec<i64>>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, spans, length(body) FROM chunk INDEXED BY chunk_small WHERE small=1 AND written_ms<?1
         ORDER BY id LIMIT 2000",
    )?;
    let mut rows = statement.query([written_before])?;
    let mut small = Vec::new();
    let (mut spans, mut bytes) = (0, 0);
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        if !readable(id) {
            continue;
        }
        small.push(id);
        spans += row.get::<_, i64>(1)? as usize;
        bytes += row.get::<_, i64>(2)? as usize;
        if spans >= SPANS_AT_ONCE || bytes >= BYTES_AT_ONCE {
            break;
        }
    }
    Ok((spans >= FULL || bytes >= BYTES_AT_ONCE).then_some(small))
}

fn remove(connection: &Connection, id: i64, spans: &[Span]) -> rusqlite::Result<()> {
    let traces: HashSet<_> = spans.iter().map(|span| span.trace_id).collect();
    for trace in traces {
        connection
            .prepare_cached("DELETE FROM fragment WHERE trace=?1 AND chunk=?2")?
            .execute(params![trace.0, id])?;
    }
    filters::remove(connection, id)?;
    connection.prepare_cached("DELETE FROM chunk WHERE id=?1")?.execute([id])?;
    Ok(())
}
