//! Writes lines: their chunks, filters, traces and counts.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::{FULL, LARGEST, Line, chunk, filter, minutes, trace_key};
use crate::embedded::{
    names::Names,
    spans::{WriteError, add_to_total},
    weight::line_weight,
};

/// Writes lines of one day in the running transaction.
pub(in crate::embedded) fn write(
    connection: &Connection,
    names: &mut Names,
    lines: &[Line],
    now_ms: i64,
) -> Result<(), WriteError> {
    write_chunks(connection, names, lines, now_ms)?;
    minutes::write(connection, names, lines)?;
    Ok(add_to_total(connection, "lines", lines.len() as i64)?)
}

/// Writes lines as chunks, and nothing else.
pub(super) fn write_chunks(
    connection: &Connection,
    names: &mut Names,
    lines: &[Line],
    now_ms: i64,
) -> Result<(), WriteError> {
    let mut sorted: Vec<&Line> = lines.iter().collect();
    sorted.sort_by(|a, b| {
        (&a.record.resource.service, a.record.at).cmp(&(&b.record.resource.service, b.record.at))
    });
    for of_service in sorted.chunk_by(|a, b| a.record.resource.service == b.record.resource.service) {
        for lines in cut(of_service) {
            write_chunk(connection, names, lines, now_ms)?;
        }
    }
    Ok(())
}

/// Cuts lines into chunks: of so many lines, and of not much more than so many bytes.
fn cut<'s, 't>(mut lines: &'s [&'t Line]) -> impl Iterator<Item = &'s [&'t Line]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = lines.iter().take(FULL).take_while(|line| {
            let room = bytes < LARGEST;
            bytes += line_weight(&line.record);
            room
        });
        let (chunk, rest) = lines.split_at(fits.count());
        lines = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn write_chunk(
    connection: &Connection,
    names: &mut Names,
    lines: &[&Line],
    now_ms: i64,
) -> Result<(), WriteError> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(()) };
    let service = names.number(connection, &first.record.resource.service)?;
    let severest = lines.iter().map(|line| line.record.severity).max().unwrap_or_default();
    connection
        .prepare_cached(
            "INSERT INTO log_chunk(service, lines, written_ms, first, last, severest, small, body)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            service,
            lines.len() as i64,
            now_ms,
            first.record.at as i64,
            last.record.at as i64,
            severest,
            is_small(lines),
            chunk::pack(lines)?
        ])?;
    let id = connection.last_insert_rowid();
    connection
        .prepare_cached("INSERT INTO log_filter(chunk, bloom) VALUES(?1, ?2)")?
        .execute(params![id, filter::build(lines)])?;
    let traces: HashSet<i64> = lines.iter().filter_map(|line| line.record.trace_id).map(trace_key).collect();
    for trace in traces {
        connection
            .prepare_cached("INSERT OR IGNORE INTO log_trace(trace, chunk) VALUES(?1, ?2)")?
            .execute([trace, id])?;
    }
    Ok(())
}

/// Whether a chunk is worth joining with others: it is not half full, by neither measure.
fn is_small(lines: &[&Line]) -> bool {
    lines.len() < FULL / 2 && lines.iter().map(|line| line_weight(&line.record)).sum::<usize>() < LARGEST / 2
}
