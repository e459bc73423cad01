//! Writes spans: their chunks, fragments, operations and request minutes.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    calls::{self, Calls},
    chunk::{self, ChunkError},
    day::minute_of,
    filters::{self, Gathering},
    names::Names,
    weight::weight,
};
use crate::{
    histogram::ExponentialHistogram,
    model::{Span, SpanKind, TraceId},
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
    #[error("a damaged file could not be set aside: {0}")]
    SetAside(#[from] std::io::Error),
}

impl WriteError {
    /// Whether the file itself is damaged, so that writing again would fail again.
    pub(super) fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            Self::Database(error) => {
                matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
            }
            Self::Chunk(_) | Self::Encoding(_) | Self::SetAside(_) => false,
        }
    }
}

/// What the writer remembers of a day's file.
#[derive(Default)]
pub(super) struct Remembered {
    pub(super) names: Names,
    pub(super) gathering: Gathering,
    pub(super) calls: Calls,
}

/// Writes spans of one day in the running transaction.
pub(super) fn write(
    connection: &Connection,
    remembered: &mut Remembered,
    spans: &[Span],
    now_ms: i64,
) -> Result<(), WriteError> {
    write_chunks(connection, remembered, spans, now_ms)?;
    write_operations(connection, &mut remembered.names, spans)?;
    write_request_minutes(connection, &mut remembered.names, spans)?;
    calls::write(connection, &mut remembered.names, &mut remembered.calls, spans)?;
    add_to_total(connection, "spans", spans.len() as i64)?;
    Ok(())
}

/// Writes spans as chunks with their fragments, and nothing else.
pub(super) fn write_chunks(
    connection: &Connection,
    remembered: &mut Remembered,
    spans: &[Span],
    now_ms: i64,
) -> Result<(), WriteError> {
    for spans in cut(&by_trace(spans)) {
        let id = write_chunk(connection, &mut remembered.gathering, spans, now_ms)?;
        for fragment in spans.chunk_by(|a, b| {
            a.trace_id == b.trace_id
                && a.resource.service == b.resource.service
                && minute_of(a.start) == minute_of(b.start)
        }) {
            write_fragment(connection, &mut remembered.names, id, fragment)?;
        }
    }
    Ok(())
}

/// Spans sorted by trace, and traces by start: so a chunk covers as little time as can be, and searches, which go from
/// the latest to the earliest, look into few.
fn by_trace(spans: &[Span]) -> Vec<&Span> {
    let mut starts: HashMap<TraceId, u64> = HashMap::new();
    for span in spans {
        starts.entry(span.trace_id).and_modify(|start| *start = span.start.min(*start)).or_insert(span.start);
    }
    let mut sorted: Vec<(u64, &Span)> = spans.iter().map(|span| (starts[&span.trace_id], span)).collect();
    sorted.sort_unstable_by(|(a_trace, a), (b_trace, b)| {
        (a_trace, a.trace_id, &a.resource.service, a.start).cmp(&(
            b_trace,
            b.trace_id,
            &b.resource.service,
            b.start,
        ))
    });
    sorted.into_iter().map(|(_, span)| span).collect()
}

/// Cuts spans into chunks: of so many spans, and of not much more than so many bytes.
fn cut<'s, 't>(mut spans: &'s [&'t Span]) -> impl Iterator<Item = &'s [&'t Span]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = spans.iter().take(chunk::FULL).take_while(|span| {
            let room = bytes < chunk::LARGEST;
            bytes += weight(span);
            room
        });
        let (chunk, rest) = spans.split_at(fits.count());
        spans = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn write_chunk(
    connection: &Connection,
    gathering: &mut Gathering,
    spans: &[&Span],
    now_ms: i64,
) -> Result<i64, WriteError> {
    connection
        .prepare_cached(
            "INSERT INTO chunk(spans, written_ms, first, last, longest, errors, small, body)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            spans.len() as i64,
            now_ms,
            spans.iter().map(|span| span.start).min().unwrap_or_default() as i64,
            spans.iter().map(|span| span.start).max().unwrap_or_default() as i64,
            spans.iter().map(|span| span.duration()).max().unwrap_or_default() as i64,
            spans.iter().filter(|span| span.is_error()).count() as i64,
            is_small(spans),
            chunk::pack(spans)?
        ])?;
    let id = connection.last_insert_rowid();
    filters::write(connection, gathering, id, spans)?;
    Ok(id)
}

/// Whether a chunk is worth joining with others: it is not half full, by neither measure.
fn is_small(spans: &[&Span]) -> bool {
    spans.len() < chunk::FULL / 2 && spans.iter().map(|span| weight(span)).sum::<usize>() < chunk::LARGEST / 2
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
            if let Some(durations) = decoded::<ExponentialHistogram>(&durations) {
                minute.durations.merge(&durations);
            }
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

/// A stored value; none of a damaged one, which what comes now replaces.
pub(super) fn decoded<T: serde::de::DeserializeOwned>(stored: &[u8]) -> Option<T> {
    postcard::from_bytes(stored)
        .inspect_err(|error| tracing::error!(%error, "a damaged value of this day is begun anew"))
        .ok()
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
