//! Writes metric points as cells: one per series and minute, and one per series and hour, so that a month can be read
//! without reading each of its minutes.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::{
    arrivals::Arrivals,
    day::{NANOS_PER_HOUR, minute_of},
    names::Names,
    spans::{WriteError, decoded},
    stream::{Step, Stream},
};
use crate::{
    metric::{CellValue, MetricKind, MetricPoint, PointValue},
    model::{Attributes, UnixNanos},
};

/// Tells series apart: a hash over all of resource, metric and attributes.
pub(super) type SeriesKey = [u8; 16];

/// What is known of a series beside its cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Description {
    pub(super) service: String,
    pub(super) instance: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) kind: MetricKind,
    pub(super) attributes: Attributes,
}

/// A cell as stored: levels need to know how late their latest value is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredCell {
    pub(super) value: CellValue,
    pub(super) latest: UnixNanos,
}

/// How cells of one length are written and read.
pub(super) struct Table {
    select_one: &'static str,
    put: &'static str,
    /// Cells of a series (`?1`) from `?2` to before `?3`: when each begins, and its value.
    pub(super) select: &'static str,
}

/// Cells of a minute.
pub(super) const BY_MINUTE: Table = Table {
    select_one: "SELECT value FROM cell WHERE series=?1 AND at=?2",
    put: "INSERT OR REPLACE INTO cell VALUES(?1, ?2, ?3)",
    select: "SELECT at, value FROM cell WHERE series=?1 AND at>=?2 AND at<?3",
};

/// Cells of an hour: what its minutes merge into.
pub(super) const BY_HOUR: Table = Table {
    select_one: "SELECT value FROM hour_cell WHERE series=?1 AND at=?2",
    put: "INSERT OR REPLACE INTO hour_cell VALUES(?1, ?2, ?3)",
    select: "SELECT at, value FROM hour_cell WHERE series=?1 AND at>=?2 AND at<?3",
};

/// Writes points of one day in the running transaction. `yesterday` is asked for the memory of series that are new
/// today.
pub(super) fn write(
    connection: &Connection,
    names: &mut Names,
    points: &[MetricPoint],
    yesterday: Option<&Connection>,
) -> Result<(), WriteError> {
    let mut by_series: HashMap<SeriesKey, Vec<&MetricPoint>> = HashMap::new();
    for point in points {
        by_series.entry(key_of(point)?).or_default().push(point);
    }
    let mut arrivals = Arrivals::default();
    for (key, mut points) in by_series {
        points.sort_by_key(|point| point.time);
        let minutes = write_series(connection, names, &key, &points, yesterday)?;
        if let Some(point) = points.first() {
            arrivals.add(connection, names, point, &minutes)?;
        }
    }
    arrivals.write(connection)
}

/// Writes points of a series, and returns what they add to its minutes.
fn write_series(
    connection: &Connection,
    names: &mut Names,
    key: &SeriesKey,
    points: &[&MetricPoint],
    yesterday: Option<&Connection>,
) -> Result<BTreeMap<UnixNanos, StoredCell>, WriteError> {
    let Some(first) = points.first() else { return Ok(BTreeMap::new()) };
    let (id, mut stream) = match load(connection, key)? {
        Some(known) => known,
        None => create(connection, names, key, first, yesterday)?,
    };
    let (mut minutes, mut hours) = (BTreeMap::new(), BTreeMap::new());
    for point in points {
        if let Some(cell) = cell_of(stream.step(point), point.time) {
            // A point speaks of the time up to it: one taken at 12:01:00 sharp belongs to 12:00.
            let minute = minute_of(point.time.saturating_sub(1));
            merge_into(&mut hours, minute - minute % NANOS_PER_HOUR, cell.clone());
            merge_into(&mut minutes, minute, cell);
        }
    }
    for (minute, cell) in &minutes {
        write_cell(connection, &BY_MINUTE, id, *minute, cell.clone())?;
    }
    for (hour, cell) in hours {
        write_cell(connection, &BY_HOUR, id, hour, cell)?;
    }
    connection
        .prepare_cached("UPDATE series SET stream=?2 WHERE id=?1")?
        .execute(params![id, postcard::to_allocvec(&stream)?])?;
    Ok(minutes)
}

fn key_of(point: &MetricPoint) -> Result<SeriesKey, WriteError> {
    let mut attributes: Vec<_> = point.attributes.iter().collect();
    attributes.sort_by(|a, b| a.0.cmp(&b.0));
    let identity = (&*point.resource, &*point.name, &*point.unit, point.kind, attributes);
    Ok(xxh3_128(&postcard::to_allocvec(&identity)?).to_be_bytes())
}

fn load(connection: &Connection, key: &SeriesKey) -> Result<Option<(i64, Stream)>, WriteError> {
    let found: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT id, stream FROM series WHERE key=?1")?
        .query_row([&key[..]], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map(|(id, stream)| (id, decoded(&stream).unwrap_or_default())))
}

fn create(
    connection: &Connection,
    names: &mut Names,
    key: &SeriesKey,
    point: &MetricPoint,
    yesterday: Option<&Connection>,
) -> Result<(i64, Stream), WriteError> {
    let stream = match yesterday {
        Some(yesterday) => load(yesterday, key)?.map(|(_, stream)| stream),
        None => None,
    }
    .unwrap_or_default();
    let description = Description {
        service: point.resource.service.clone(),
        instance: point.resource.instance.clone(),
        name: point.name.to_string(),
        unit: point.unit.to_string(),
        kind: point.kind,
        attributes: point.attributes.clone(),
    };
    let service = names.number(connection, &description.service)?;
    let name = names.number(connection, &description.name)?;
    connection
        .prepare_cached(
            "INSERT INTO series(key, service, name, description, stream) VALUES(?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            &key[..],
            service,
            name,
            postcard::to_allocvec(&description)?,
            postcard::to_allocvec(&stream)?
        ])?;
    Ok((connection.last_insert_rowid(), stream))
}

fn write_cell(
    connection: &Connection,
    table: &Table,
    series: i64,
    at: UnixNanos,
    cell: StoredCell,
) -> Result<(), WriteError> {
    let known: Option<Vec<u8>> = connection
        .prepare_cached(table.select_one)?
        .query_row(params![series, at as i64], |row| row.get(0))
        .optional()?;
    let merged = match known.and_then(|known| decoded::<StoredCell>(&known)) {
        Some(mut known) => {
            known.merge(cell);
            known
        }
        None => cell,
    };
    connection.prepare_cached(table.put)?.execute(params![
        series,
        at as i64,
        postcard::to_allocvec(&merged)?
    ])?;
    Ok(())
}

/// Adds a cell to those of the same series, by when their steps begin.
pub(super) fn merge_into(cells: &mut BTreeMap<UnixNanos, StoredCell>, at: UnixNanos, cell: StoredCell) {
    match cells.entry(at) {
        Entry::Occupied(mut known) => known.get_mut().merge(cell),
        Entry::Vacant(place) => {
            place.insert(cell);
        }
    }
}

fn cell_of(step: Step, latest: UnixNanos) -> Option<StoredCell> {
    let value = match step {
        Step::Nothing => return None,
        Step::Level(level) => CellValue::Level { last: level, min: level, max: level },
        Step::Increase(PointValue::Number(by)) => CellValue::Increase(by),
        Step::Increase(PointValue::Explicit(histogram)) => CellValue::Explicit(histogram),
        Step::Increase(PointValue::Exponential(histogram)) => CellValue::Exponential(histogram),
    };
    Some(StoredCell { value, latest })
}

impl StoredCell {
    /// Joins what is known of the same step from other points. Cells of a series are all of one kind.
    pub(super) fn merge(&mut self, other: Self) {
        match (&mut self.value, &other.value) {
            (CellValue::Increase(by), CellValue::Increase(more)) => *by += more,
            (
                CellValue::Level { last, min, max },
                CellValue::Level { last: other_last, min: other_min, max: other_max },
            ) => {
                *min = min.min(*other_min);
                *max = max.max(*other_max);
                if other.latest >= self.latest {
                    *last = *other_last;
                }
            }
            (CellValue::Explicit(histogram), CellValue::Explicit(more)) => histogram.merge(more),
            (CellValue::Exponential(histogram), CellValue::Exponential(more)) => histogram.merge(more),
            _ => {}
        }
        self.latest = self.latest.max(other.latest);
    }
}
