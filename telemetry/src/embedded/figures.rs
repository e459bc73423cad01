//! What the store holds.

use rusqlite::{Connection, OptionalExtension};

use super::{compaction, lines, observed_read::keeps, pool::Pool};
use crate::store::{ReadError, StoreFigures};

/// Counts spans and lines by the running totals, and bytes by the folder.
pub(super) fn figures(pool: &Pool, queued: usize) -> Result<StoreFigures, ReadError> {
    let mut figures = StoreFigures { queued, damaged: pool.damage.count(), ..StoreFigures::default() };
    for day in pool.days()? {
        pool.on_day(day, |connection| {
            figures.spans += total(connection, "spans")?;
            figures.lines += total(connection, "lines")?;
            figures.to_join += compaction::waiting(connection)?;
            if keeps(connection, "log_chunk")? {
                figures.to_join += lines::waiting(connection)?;
            }
            Ok(())
        })?;
    }
    for entry in std::fs::read_dir(pool.folder())? {
        // A file may go between being listed and being asked for its size.
        figures.bytes += entry?.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    }
    Ok(figures)
}

fn total(connection: &Connection, what: &str) -> rusqlite::Result<u64> {
    let count: Option<i64> = connection
        .prepare_cached("SELECT count FROM total WHERE what=?1")?
        .query_row([what], |row| row.get(0))
        .optional()?;
    Ok(count.unwrap_or_default() as u64)
}
