//! Reads whole traces, and what is known of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rusqlite::Connection;

use super::{
    chunk, damage::Piece, day::Day, names, observed_read::on_days, pool::Pool, query_error::QueryError,
};
use crate::{
    model::{SpanMinute, TraceFound, TraceId, TraceSummary, Window},
    store::ReadError,
};

/// The spans of a trace, at most about `most` of them.
pub(super) fn trace(pool: &Pool, id: TraceId, most: usize) -> Result<TraceFound, ReadError> {
    let mut found = TraceFound::default();
    for day in pool.days()?.into_iter().rev() {
        pool.on_day(day, |connection| trace_of_day(pool, day, connection, id, most, &mut found))?;
    }
    found.spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut seen = HashSet::new();
    found.spans.retain(|span| seen.insert(span.span_id));
    Ok(found)
}

fn trace_of_day(
    pool: &Pool,
    day: Day,
    connection: &Connection,
    id: TraceId,
    most: usize,
    found: &mut TraceFound,
) -> Result<(), QueryError> {
    let mut parts = connection.prepare_cached(
        "SELECT chunk, sum(spans) FROM fragment WHERE trace=?1 GROUP BY chunk ORDER BY min(start)",
    )?;
    let mut parts = parts.query([id.0])?;
    let mut bodies = connection.prepare_cached("SELECT body FROM chunk WHERE id=?1")?;
    while let Some(part) = parts.next()? {
        let (chunk, spans) = (part.get(0)?, part.get::<_, i64>(1)? as usize);
        if found.spans.len() >= most {
            found.left_out += spans;
            continue;
        }
        let mut rows = bodies.query([chunk])?;
        let Some(row) = rows.next()? else {
            found.unreadable += spans;
            continue;
        };
        match chunk::unpack(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?, Some(id)) {
            Ok(unpacked) => found.spans.extend(unpacked),
            // The rest of the trace is worth more than none of it.
            Err(error) => {
                pool.damage.piece(day, Piece::Spans(chunk), &error);
                found.unreadable += spans;
            }
        }
    }
    Ok(())
}

struct Fragment {
    service: String,
    start: u64,
    end: u64,
    spans: usize,
    errors: usize,
    name: String,
    root: bool,
}

/// What is known of a whole trace, gathered from its fragments.
#[derive(Default)]
pub(super) struct Summary {
    first: Option<Fragment>,
    start: Option<u64>,
    end: u64,
    spans: usize,
    errors: usize,
    services: BTreeMap<String, usize>,
}

impl Summary {
    /// Adds what one day knows of the trace.
    pub(super) fn add_day(&mut self, connection: &Connection, id: TraceId) -> Result<(), QueryError> {
        let mut statement = connection.prepare_cached(
            "SELECT service, start, end, spans, errors, name, root FROM fragment WHERE trace=?1",
        )?;
        let mut rows = statement.query([id.0])?;
        while let Some(row) = rows.next()? {
            self.add(Fragment {
                service: names::text(connection, row.get(0)?)?,
                start: row.get::<_, i64>(1)? as u64,
                end: row.get::<_, i64>(2)? as u64,
                spans: row.get::<_, i64>(3)? as usize,
                errors: row.get::<_, i64>(4)? as usize,
                name: names::text(connection, row.get(5)?)?,
                root: row.get(6)?,
            });
        }
        Ok(())
    }

    fn add(&mut self, fragment: Fragment) {
        self.start = Some(self.start.map_or(fragment.start, |start| start.min(fragment.start)));
        self.end = self.end.max(fragment.end);
        self.spans += fragment.spans;
        self.errors += fragment.errors;
        *self.services.entry(fragment.service.clone()).or_default() += fragment.spans;
        let rank = |fragment: &Fragment| (!fragment.root, fragment.start);
        if self.first.as_ref().is_none_or(|first| rank(&fragment) < rank(first)) {
            self.first = Some(fragment);
        }
    }

    /// The summary, if any day knew the trace.
    pub(super) fn finish(self, trace_id: TraceId) -> Option<TraceSummary> {
        let (start, first) = (self.start?, self.first?);
        let mut services: Vec<_> = self.services.into_iter().collect();
        services.sort_by_key(|(_, spans)| std::cmp::Reverse(*spans));
        Some(TraceSummary {
            trace_id,
            name: first.name,
            service: first.service,
            start,
            duration: self.end.saturating_sub(start),
            spans: self.spans,
            errors: self.errors,
            services,
        })
    }
}

/// Names of the spans of a service.
pub(super) fn operations(pool: &Pool, service: &str, window: Window) -> Result<Vec<String>, ReadError> {
    names_of_days(
        pool,
        window,
        "SELECT n.text FROM operation o JOIN name s ON s.id=o.service JOIN name n ON n.id=o.name WHERE s.text=?1",
        &[&service],
    )
}

/// Services that sent anything.
pub(super) fn services(pool: &Pool, window: Window) -> Result<Vec<String>, ReadError> {
    let of_spans_and_points =
        "SELECT text FROM name WHERE id IN (SELECT service FROM operation UNION SELECT service FROM series)";
    let mut services: BTreeSet<String> =
        names_of_days(pool, window, of_spans_and_points, &[])?.into_iter().collect();
    on_days(pool, window, "log_minute", |connection| {
        let mut statement = connection
            .prepare_cached("SELECT text FROM name WHERE id IN (SELECT service FROM log_minute)")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            services.insert(row.get(0)?);
        }
        Ok(())
    })?;
    Ok(services.into_iter().collect())
}

fn names_of_days(
    pool: &Pool,
    window: Window,
    query: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Vec<String>, ReadError> {
    let mut names = BTreeSet::new();
    for day in pool.days()?.into_iter().filter(|day| day.overlaps(window)) {
        pool.on_day(day, |connection| {
            let mut statement = connection.prepare_cached(query)?;
            let mut rows = statement.query(parameters)?;
            while let Some(row) = rows.next()? {
                names.insert(row.get::<_, String>(0)?);
            }
            Ok(())
        })?;
    }
    Ok(names.into_iter().collect())
}

/// Requests of a service by its server and consumer spans, in order of time.
pub(super) fn span_minutes(pool: &Pool, service: &str, window: Window) -> Result<Vec<SpanMinute>, ReadError> {
    let mut minutes = Vec::new();
    for day in pool.days()?.into_iter().rev().filter(|day| day.overlaps(window)) {
        pool.on_day(day, |connection| {
            let Some(service) = names::find(connection, service)? else { return Ok(()) };
            let mut statement = connection.prepare_cached(
                "SELECT minute, requests, errors, durations FROM request_minute
                 WHERE service=?1 AND minute>=?2 AND minute<?3 ORDER BY minute",
            )?;
            let mut rows = statement.query([service, as_i64(window.from), as_i64(window.to)])?;
            while let Some(row) = rows.next()? {
                minutes.push(SpanMinute {
                    minute: row.get::<_, i64>(0)? as u64,
                    requests: row.get::<_, i64>(1)? as u64,
                    errors: row.get::<_, i64>(2)? as u64,
                    durations: postcard::from_bytes(
                        row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?,
                    )?,
                });
            }
            Ok(())
        })?;
    }
    Ok(minutes)
}

/// SQLite's integers are signed; times beyond 2262 do not occur.
pub(super) fn as_i64(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
