//! Joins small chunks of a service, as those of spans are joined.

use std::{collections::HashSet, time::Duration};

use rusqlite::{Connection, OptionalExtension};

use super::{FULL, Line, chunk, trace_key, write::write_chunks};
use crate::embedded::{
    damage::{Damage, Piece},
    day::Day,
    spans::{WriteError, add_to_total},
    writer::OpenDay,
};

/// Lines joined at once, and bytes of their chunks: bounds the memory, and the time for which writing waits.
const LINES_AT_ONCE: usize = 8 * FULL;
const BYTES_AT_ONCE: usize = 4 << 20;
/// So many small chunks of a service are joined, though they do not make a full one.
const MANY: i64 = 64;

/// Joins small chunks of one service of a day that were written at least `after` ago. Says whether it did.
pub(in crate::embedded) fn run(
    day: Day,
    open: &mut OpenDay,
    after: Duration,
    damage: &Damage,
) -> Result<bool, WriteError> {
    let now = jiff::Timestamp::now().as_millisecond();
    let written_before = now - i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
    let transaction = open.connection.unchecked_transaction()?;
    let Some(service) = service_to_join(&transaction, written_before)? else { return Ok(false) };
    let mut joined = Vec::new();
    let mut damaged = 0;
    for id in small_chunks(&transaction, service, written_before)? {
        let body: Vec<u8> = transaction
            .prepare_cached("SELECT body FROM log_chunk WHERE id=?1")?
            .query_row([id], |row| row.get(0))?;
        match chunk::unpack(&body) {
            Ok(lines) => {
                remove(&transaction, id, &lines)?;
                joined.extend(lines);
            }
            // It is left where it is, and not tried again.
            Err(error) => {
                damage.piece(day, Piece::Lines(id), &error);
                transaction.prepare_cached("UPDATE log_chunk SET small=0 WHERE id=?1")?.execute([id])?;
                damaged += 1;
            }
        }
    }
    let mut seen = HashSet::new();
    let before = joined.len();
    joined.retain(|line: &Line| seen.insert(line.position()));
    write_chunks(&transaction, &mut open.remembered.names, &joined, now)?;
    add_to_total(&transaction, "lines", joined.len() as i64 - before as i64)?;
    transaction.commit()?;
    Ok(damaged > 0 || before > 0)
}

/// Small chunks of a day that could be joined, however young they are.
pub(in crate::embedded) fn waiting(connection: &Connection) -> rusqlite::Result<usize> {
    let chunks: i64 = connection
        .prepare_cached(
            "SELECT coalesce(sum(chunks), 0) FROM (SELECT count(*) AS chunks FROM log_chunk INDEXED BY log_chunk_small
             WHERE small=1 GROUP BY service HAVING chunks>1 AND (sum(lines)>=?1 OR chunks>=?2))",
        )?
        .query_row([FULL as i64, MANY], |row| row.get(0))?;
    Ok(chunks as usize)
}

fn service_to_join(connection: &Connection, written_before: i64) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT service FROM log_chunk INDEXED BY log_chunk_small WHERE small=1 AND written_ms<?1
             GROUP BY service HAVING count(*)>1 AND (sum(lines)>=?2 OR count(*)>=?3) LIMIT 1",
        )?
        .query_row([written_before, FULL as i64, MANY], |row| row.get(0))
        .optional()
}

fn small_chunks(connection: &Connection, service: i64, written_before: i64) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, lines, length(body) FROM log_chunk INDEXED BY log_chunk_small
         WHERE small=1 AND service=?1 AND written_ms<?2 LIMIT 2000",
    )?;
    let mut rows = statement.query([service, written_before])?;
    let mut small = Vec::new();
    let (mut lines, mut bytes) = (0, 0);
    while let Some(row) = rows.next()? {
        small.push(row.get(0)?);
        lines += row.get::<_, i64>(1)? as usize;
        bytes += row.get::<_, i64>(2)? as usize;
        if lines >= LINES_AT_ONCE || bytes >= BYTES_AT_ONCE {
            break;
        }
    }
    Ok(small)
}

fn remove(connection: &Connection, id: i64, lines: &[Line]) -> rusqlite::Result<()> {
    let traces: HashSet<i64> = lines.iter().filter_map(|line| line.record.trace_id).map(trace_key).collect();
    for trace in traces {
        connection
            .prepare_cached("DELETE FROM log_trace WHERE trace=?1 AND chunk=?2")?
            .execute([trace, id])?;
    }
    connection.prepare_cached("DELETE FROM log_filter WHERE chunk=?1")?.execute([id])?;
    connection.prepare_cached("DELETE FROM log_chunk WHERE id=?1")?.execute([id])?;
    Ok(())
}
