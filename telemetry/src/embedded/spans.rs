//! Writes spans: their chunks, fragments, operations and request minutes.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    bloom::BloomBuilder,
    chunk::{self, ChunkError},
    day::minute_of,
    names::Names,
};
use crate::{
    histogram::ExponentialHistogram,
    model::{Resource, Span, SpanKind},
};

/// Durations of requests are kept to about 4 %.
const DURATION_SCALE: i32 = 4;

/// Why spans or points could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    #[error("{0}")]
    Chunk(#[from] ChunkError),
    #[error("a value could not be encoded: {0}")]
    Encoding(#[from] postcard::Error),
}

/// Writes spans of one day in the running transaction.
pub(super) fn write(
    connection: &Connection,
    names: &mut Names,
    spans: &[Span],
    now_ms: i64,
) -> Result<(), WriteError> {
    write_chunks(connection, names, spans, now_ms)?;
    write_operations(connection, names, spans)?;
    write_request_minutes(connection, names, spans)?;
    add_to_total(connection, "spans", spans.len() as i64)?;
    Ok(())
}

/// Writes spans as chunks with their fragments, and nothing else.
pub(super) fn write_chunks(
    connection: &Connection,
    names: &mut Names,
    spans: &[Span],
    now_ms: i64,
) -> Result<(), WriteError> {
    let mut sorted: Vec<&Span> = spans.iter().collect();
    sorted.sort_unstable_by(|a, b| {
        (a.trace_id, &a.resource.service, a.start).cmp(&(b.trace_id, &b.resource.service, b.start))
    });
    for spans in sorted.chunks(chunk::FULL) {
        let id = write_chunk(connection, spans, now_ms)?;
        for fragment in spans.chunk_by(|a, b| {
            a.trace_id == b.trace_id
                && a.resource.service == b.resource.service
                && minute_of(a.start) == minute_of(b.start)
        }) {
            write_fragment(connection, names, id, fragment)?;
        }
    }
    Ok(())
}

fn write_chunk(connection: &Connection, spans: &[&Span], now_ms: i64) -> Result<i64, WriteError> {
    let mut bloom = BloomBuilder::default();
    let mut resources: HashSet<*const Resource> = HashSet::new();
    for span in spans {
        bloom.add_span(span);
        if resources.insert(&raw const *span.resource) {
            bloom.add_attributes(&span.resource.attributes);
        }
    }
    connection
        .prepare_cached("INSERT INTO chunk(spans, written_ms, bloom, body) VALUES(?1, ?2, ?3, ?4)")?
        .execute(params![spans.len() as i64, now_ms, bloom.build(), chunk::pack(spans)?])?;
    Ok(connection.last_insert_rowid())
}

fn write_fragment(
    connection: &Connection,
    names: &mut Names,
    chunk: i64,
    spans: &[&Span],
) -> Result<(), WriteError> {
    let Some(first) = spans.first() else { return Ok(()) };
    let root = spans.iter().find(|span| span.parent.is_none());
    let name = names.number(connection, &root.unwrap_or(first).name)?;
    let service = names.number(connection, &first.resource.service)?;
    let end = spans.iter().map(|span| span.end).max().unwrap_or(first.end);
    let longest = spans.iter().map(|span| span.duration()).max().unwrap_or_default();
    let errors = spans.iter().filter(|span| span.is_error()).count();
    connection
        .prepare_cached(
            "INSERT INTO fragment(trace, chunk, service, start, end, longest, spans, errors, name, root)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            first.trace_id.0,
            chunk,
            service,
            first.start as i64,
            end as i64,
            longest as i64,
            spans.len() as i64,
            errors as i64,
            name,
            root.is_some()
        ])?;
    Ok(())
}

fn write_operations(connection: &Connection, names: &mut Names, spans: &[Span]) -> Result<(), WriteError> {
    let operations: HashSet<(&str, &str)> =
        spans.iter().map(|span| (span.resource.service.as_str(), span.name.as_str())).collect();
    for (service, operation) in operations {
        let service = names.number(connection, service)?;
        let operation = names.number(connection, operation)?;
        connection
            .prepare_cached("INSERT OR IGNORE INTO operation(service, name) VALUES(?1, ?2)")?
            .execute([service, operation])?;
    }
    Ok(())
}

struct RequestMinute {
    requests: i64,
    errors: i64,
    durations: ExponentialHistogram,
}

impl Default for RequestMinute {
    fn default() -> Self {
        Self { requests: 0, errors: 0, durations: ExponentialHistogram::empty(DURATION_SCALE) }
    }
}

fn write_request_minutes(
    connection: &Connection,
    names: &mut Names,
    spans: &[Span],
) -> Result<(), WriteError> {
    let mut minutes: HashMap<(&str, u64), RequestMinute> = HashMap::new();
    for span in spans.iter().filter(|span| matches!(span.kind, SpanKind::Server | SpanKind::Consumer)) {
        let minute = minutes.entry((&span.resource.service, minute_of(span.start))).or_default();
        minute.requests += 1;
        minute.errors += i64::from(span.is_error());
        minute.durations.record(span.duration() as f64 / 1e9);
    }
    for ((service, at), mut minute) in minutes {
        let service = names.number(connection, service)?;
        let known: Option<(i64, i64, Vec<u8>)> = connection
            .prepare_cached(
                "SELECT requests, errors, durations FROM request_minute WHERE service=?1 AND minute=?2",
            )?
            .query_row(params![service, at as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        if let Some((requests, errors, durations)) = known {
            minute.requests += requests;
            minute.errors += errors;
            minute.durations.merge(&postcard::from_bytes(&durations)?);
        }
        connection
            .prepare_cached("INSERT OR REPLACE INTO request_minute VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                service,
                at as i64,
                minute.requests,
                minute.errors,
                postcard::to_allocvec(&minute.durations)?
            ])?;
    }
    Ok(())
}

/// Keeps a running total, so that figures need no scan.
pub(super) fn add_to_total(connection: &Connection, what: &str, count: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO total VALUES(?1, ?2) ON CONFLICT(what) DO UPDATE SET count=count+excluded.count",
        )?
        .execute(params![what, count])?;
    Ok(())
}
