//! Reads series.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{
    cells::{BY_HOUR, BY_MINUTE, Description, SeriesKey, StoredCell, Table, merge_into},
    day::{NANOS_PER_HOUR, NANOS_PER_MINUTE},
    names,
    pool::Pool,
    query_error::QueryError,
    traces_read::as_i64,
};
use crate::{
    metric::{Cell, MetricQuery, Series},
    model::{UnixNanos, Window},
    store::ReadError,
};

type Gathered = BTreeMap<SeriesKey, (Description, BTreeMap<UnixNanos, StoredCell>)>;

/// Series that match, each with its cells in order of time. A series without a cell in the window is left out.
pub(super) fn series(pool: &Pool, query: &MetricQuery) -> Result<Vec<Series>, ReadError> {
    let mut gathered = Gathered::new();
    for day in pool.days()?.into_iter().rev().filter(|day| day.overlaps(query.window)) {
        pool.on_day(day, |connection| gather(connection, query, &mut gathered))?;
    }
    let mut series: Vec<Series> =
        gathered.into_values().map(|(description, cells)| finish(description, cells)).collect();
    series.sort_by(|a, b| (&a.service, &a.name, &a.instance).cmp(&(&b.service, &b.name, &b.instance)));
    Ok(series)
}

fn gather(connection: &Connection, query: &MetricQuery, gathered: &mut Gathered) -> Result<(), QueryError> {
    let Some((service, name)) = wanted(connection, query)? else { return Ok(()) };
    let mut statement = connection.prepare_cached(
        "SELECT id, key, description FROM series WHERE (?1 IS NULL OR service=?1) AND (?2 IS NULL OR name=?2)",
    )?;
    let mut rows = statement.query(params![service, name])?;
    let step = NANOS_PER_MINUTE * u64::from(query.step_minutes.max(1));
    while let Some(row) = rows.next()? {
        let cells = cells(connection, row.get(0)?, query, step)?;
        if cells.is_empty() {
            continue;
        }
        let description = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        let known = match gathered.entry(row.get(1)?) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                new.insert((postcard::from_bytes(description)?, BTreeMap::new()))
            }
        };
        for (at, cell) in cells {
            merge_into(&mut known.1, at, cell);
        }
    }
    Ok(())
}

/// Numbers of the service and the metric asked for; none if this day does not know them.
#[allow(clippy::type_complexity)]
fn wanted(
    connection: &Connection,
    query: &MetricQuery,
) -> Result<Option<(Option<i64>, Option<i64>)>, QueryError> {
    let mut numbers = [None, None];
    for (number, text) in numbers.iter_mut().zip([&query.service, &query.name]) {
        if let Some(text) = text {
            *number = names::find(connection, text)?;
            if number.is_none() {
                return Ok(None);
            }
        }
    }
    Ok(Some((numbers[0], numbers[1])))
}

fn cells(
    connection: &Connection,
    series: i64,
    query: &MetricQuery,
    step: u64,
) -> Result<BTreeMap<UnixNanos, StoredCell>, QueryError> {
    let mut cells = BTreeMap::new();
    for (table, part) in parts(query.window, step) {
        let mut statement = connection.prepare_cached(table.select)?;
        let mut rows = statement.query(params![series, as_i64(part.from), as_i64(part.to)])?;
        while let Some(row) = rows.next()? {
            let at = row.get::<_, i64>(0)? as u64;
            let cell: StoredCell =
                postcard::from_bytes(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
            merge_into(&mut cells, at - at % step, cell);
        }
    }
    Ok(cells)
}

/// Where the cells of a window are read: whole hours by the hour where the steps are no finer, all else by the minute.
fn parts(window: Window, step: u64) -> Vec<(&'static Table, Window)> {
    let Window { from, to } = window;
    let last = to - to % NANOS_PER_HOUR;
    match from.checked_next_multiple_of(NANOS_PER_HOUR) {
        Some(first) if step.is_multiple_of(NANOS_PER_HOUR) && first < last => vec![
            (&BY_MINUTE, Window { from, to: first }),
            (&BY_HOUR, Window { from: first, to: last }),
            (&BY_MINUTE, Window { from: last, to }),
        ],
        _ => vec![(&BY_MINUTE, window)],
    }
}

fn finish(description: Description, cells: BTreeMap<UnixNanos, StoredCell>) -> Series {
    Series {
        service: description.service,
        instance: description.instance,
        name: description.name,
        unit: description.unit,
        kind: description.kind,
        attributes: description.attributes,
        cells: cells.into_iter().map(|(at, cell)| Cell { at, value: cell.value }).collect(),
    }
}
