//! What the store holds.

use rusqlite::OptionalExtension;

use super::pool::Pool;
use crate::store::{ReadError, StoreFigures};

/// Counts spans by the running totals, and bytes by the folder.
pub(super) fn figures(pool: &Pool, queued: usize) -> Result<StoreFigures, ReadError> {
    let mut figures = StoreFigures { queued, ..StoreFigures::default() };
    for day in pool.days()? {
        let spans: Option<Option<i64>> = pool.on_day(day, |connection| {
            Ok(connection
                .prepare_cached("SELECT count FROM total WHERE what='spans'")?
                .query_row([], |row| row.get(0))
                .optional()?)
        })?;
        figures.spans += spans.flatten().unwrap_or_default() as u64;
    }
    for entry in std::fs::read_dir(pool.folder())? {
        // A file may go between being listed and being asked for its size.
        figures.bytes += entry?.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    }
    Ok(figures)
}
