//! Reads running counts. A day that was written before they were kept answers as one without data.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    cells::Description, day::NANOS_PER_HOUR, names, pool::Pool, query_error::QueryError, traces_read::as_i64,
};
use crate::{
    model::{UnixNanos, Window},
    observed::{BusiestMinute, LastPoint, Outbound, SpanLinks},
    store::ReadError,
};

/// Runs a query on each day of a window that keeps the table, the earliest first.
pub(super) fn on_days(
    pool: &Pool,
    window: Window,
    table: &str,
    mut query: impl FnMut(&Connection) -> Result<(), QueryError>,
) -> Result<(), ReadError> {
    for day in pool.days()?.into_iter().rev().filter(|day| day.overlaps(window)) {
        pool.on_day(day, |connection| if keeps(connection, table)? { query(connection) } else { Ok(()) })?;
    }
    Ok(())
}

pub(super) fn keeps(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?1")?.exists([table])
}

pub(super) fn span_links(pool: &Pool, service: &str, window: Window) -> Result<SpanLinks, ReadError> {
    let mut links = SpanLinks::default();
    on_days(pool, window, "span_minute", |connection| {
        let Some(service) = names::find(connection, service)? else { return Ok(()) };
        let mut statement = connection.prepare_cached(
            "SELECT total(servers), total(spans), total(remote_parents), total(remote_children), max(minute)
             FROM span_minute WHERE service=?1 AND minute>=?2 AND minute<?3",
        )?;
        statement.query_row([service, as_i64(window.from), as_i64(window.to)], |row| {
            let count = |index| row.get::<_, f64>(index).map(|count| count as u64);
            links.servers += count(0)?;
            links.spans += count(1)?;
            links.remote_parents += count(2)?;
            links.remote_children += count(3)?;
            links.latest = links.latest.max(row.get::<_, Option<i64>>(4)?.map(|minute| minute as u64));
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(links)
}

pub(super) fn outbound(pool: &Pool, service: &str, window: Window) -> Result<Vec<Outbound>, ReadError> {
    let mut peers: BTreeMap<String, (BTreeSet<String>, u64, UnixNanos)> = BTreeMap::new();
    on_days(pool, window, "outbound_hour", |connection| {
        let Some(service) = names::find(connection, service)? else { return Ok(()) };
        let mut statement = connection.prepare_cached(
            "SELECT peer, n.text, sum(calls), max(hour) FROM outbound_hour LEFT JOIN name n ON n.id=answers
             WHERE service=?1 AND hour>=?2 AND hour<?3 GROUP BY peer, answers",
        )?;
        let from = window.from - window.from % NANOS_PER_HOUR;
        let mut rows = statement.query([service, as_i64(from), as_i64(window.to)])?;
        while let Some(row) = rows.next()? {
            let (services, calls, latest) = peers.entry(row.get(0)?).or_default();
            match row.get::<_, Option<String>>(1)? {
                Some(answers) => {
                    services.insert(answers);
                }
                None => *calls += row.get::<_, i64>(2)? as u64,
            }
            *latest = (*latest).max(row.get::<_, i64>(3)? as u64);
        }
        Ok(())
    })?;
    let outbound = |(peer, (services, calls, latest)): (String, (BTreeSet<String>, u64, UnixNanos))| {
        Outbound { peer, services: services.into_iter().collect(), calls, latest }
    };
    Ok(peers.into_iter().map(outbound).collect())
}

pub(super) fn busiest_minute(
    pool: &Pool,
    service: &str,
    metric: Option<&str>,
    window: Window,
) -> Result<Option<BusiestMinute>, ReadError> {
    let table = if metric.is_some() { "arrival_minute" } else { "request_minute" };
    let mut busiest: Option<BusiestMinute> = None;
    on_days(pool, window, table, |connection| {
        let Some(service) = names::find(connection, service)? else { return Ok(()) };
        let (from, to) = (as_i64(window.from), as_i64(window.to));
        let read = |row: &rusqlite::Row<'_>| {
            let (minute, requests): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok(BusiestMinute { minute: minute as u64, requests: requests as u64 })
        };
        let found = match metric {
            Some(metric) => {
                let Some(metric) = names::find(connection, metric)? else { return Ok(()) };
                connection
                    .prepare_cached(
                        "SELECT minute, requests FROM arrival_minute WHERE service=?1 AND name=?4 AND minute>=?2
                         AND minute<?3 ORDER BY requests DESC, minute DESC LIMIT 1",
                    )?
                    .query_row([service, from, to, metric], read)
                    .optional()?
            }
            None => connection
                .prepare_cached(
                    "SELECT minute, requests FROM request_minute WHERE service=?1 AND minute>=?2 AND minute<?3
                     ORDER BY requests DESC, minute DESC LIMIT 1",
                )?
                .query_row([service, from, to], read)
                .optional()?,
        };
        if let Some(found) = found
            && busiest.is_none_or(|known| found.requests >= known.requests)
        {
            busiest = Some(found);
        }
        Ok(())
    })?;
    Ok(busiest)
}

pub(super) fn last_points(
    pool: &Pool,
    metrics: &[String],
    window: Window,
) -> Result<Vec<LastPoint>, ReadError> {
    let mut last: BTreeMap<Vec<u8>, LastPoint> = BTreeMap::new();
    on_days(pool, window, "series", |connection| {
        for metric in metrics {
            let Some(name) = names::find(connection, metric)? else { continue };
            let mut statement = connection.prepare_cached(
                "SELECT key, description, (SELECT max(at) FROM cell WHERE series=s.id AND at>=?2 AND at<?3) AS latest
                 FROM series s WHERE service IN (SELECT DISTINCT service FROM series) AND name=?1 AND latest IS NOT NULL",
            )?;
            let mut rows = statement.query(params![name, as_i64(window.from), as_i64(window.to)])?;
            while let Some(row) = rows.next()? {
                let description: Description =
                    postcard::from_bytes(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
                let Description { service, name, attributes, .. } = description;
                let minute = row.get::<_, i64>(2)? as u64;
                // Days come in order: the latest stays.
                last.insert(row.get(0)?, LastPoint { service, name, attributes, minute });
            }
        }
        Ok(())
    })?;
    Ok(last.into_values().collect())
}

pub(super) fn last_spans(pool: &Pool, window: Window) -> Result<BTreeMap<String, UnixNanos>, ReadError> {
    let mut last = BTreeMap::new();
    on_days(pool, window, "request_minute", |connection| {
        let mut statement = connection.prepare_cached(
            "SELECT n.text, (SELECT max(minute) FROM request_minute WHERE service=n.id AND minute>=?1 AND minute<?2)
             AS latest FROM name n WHERE n.id IN (SELECT DISTINCT service FROM operation) AND latest IS NOT NULL",
        )?;
        let mut rows = statement.query([as_i64(window.from), as_i64(window.to)])?;
        while let Some(row) = rows.next()? {
            last.insert(row.get(0)?, row.get::<_, i64>(1)? as u64);
        }
        Ok(())
    })?;
    Ok(last)
}
