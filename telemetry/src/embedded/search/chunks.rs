//! Looks into chunks: for operations and attributes, which only the spans have.

use std::collections::BinaryHeap;

use super::{DayFile, Found};
use crate::{
    embedded::{bloom, chunk, damage::Piece, filters::Filters, query_error::QueryError, traces_read::as_i64},
    model::{TraceId, TraceQuery},
};

// Chunks overlap in time, but none holds a span that is later than its `last`.
const CHUNKS: &str = "SELECT id, last FROM chunk INDEXED BY chunk_by_time
    WHERE last>=?1 AND first<?2 AND longest>=?3 AND errors>=?4 ORDER BY last DESC";

/// Finds the traces of a day with a span that matches, latest first.
pub(super) fn search(day: &DayFile<'_>, query: &TraceQuery, found: &mut Found) -> Result<(), QueryError> {
    let mut filters = Filters::new(day.connection, bloom::hashes_of(query));
    let mut statement = day.connection.prepare_cached(CHUNKS)?;
    let mut rows = statement.query([
        as_i64(query.window.from),
        as_i64(query.window.to),
        as_i64(query.min_duration.unwrap_or_default()),
        i64::from(query.errors_only),
    ])?;
    // Matches that wait until no later one can come, latest first.
    let mut waiting: BinaryHeap<(u64, TraceId)> = BinaryHeap::new();
    while let Some(row) = rows.next()? {
        let (id, last) = (row.get(0)?, row.get::<_, i64>(1)? as u64);
        while waiting.peek().is_some_and(|(start, _)| *start >= last) {
            if let Some((start, trace)) = waiting.pop()
                && !found.add(trace, start)
            {
                return Ok(());
            }
        }
        if filters.may_hold(id)? {
            found.check_time()?;
            look_into(day, id, query, found, &mut waiting)?;
        }
    }
    while let Some((start, trace)) = waiting.pop() {
        found.add(trace, start);
    }
    Ok(())
}

fn look_into(
    day: &DayFile<'_>,
    id: i64,
    query: &TraceQuery,
    found: &mut Found,
    waiting: &mut BinaryHeap<(u64, TraceId)>,
) -> Result<(), QueryError> {
    // The walk holds a read transaction: a chunk that is joined with others meanwhile is still there.
    let mut statement = day.connection.prepare_cached("SELECT body FROM chunk WHERE id=?1")?;
    let body: Vec<u8> = statement.query_row([id], |row| row.get(0))?;
    match chunk::matches(&body, query, None) {
        Ok(matches) => {
            waiting.extend(
                matches.iter().filter(|known| !found.is_known(known.trace)).map(|m| (m.start, m.trace)),
            );
        }
        Err(error) => {
            day.pool.damage.piece(day.day, Piece::Spans(id), &error);
            found.unreadable = true;
        }
    }
    Ok(())
}
